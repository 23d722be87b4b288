import { FairleadError } from "@fairlead/protocol";

/** NIST SP 800-63B: length counts, what it is made of does not. */
export const MIN_PASSWORD_LENGTH = 12;
/** A passphrase is shorter; hashing longer ones only serves who wants to keep the hub busy. */
export const MAX_PASSWORD_LENGTH = 128;

/** The commonest of twelve characters and more in lists of broken passwords, and what people make of them. */
const COMMON = new Set([
  "123456789012",
  "1234567890123",
  "12345678901234",
  "123456789012345",
  "1234567890123456",
  "12345678910",
  "123456789123",
  "1234567891011",
  "123456789abc",
  "123123123123",
  "123qweasdzxc",
  "1q2w3e4r5t6y",
  "1q2w3e4r5t6y7u",
  "1qaz2wsx3edc",
  "1qaz2wsx3edc4rfv",
  "qwertyuiop12",
  "qwertyuiop123",
  "qwertyuiop[]",
  "qwerty123456",
  "qwerty1234567",
  "qwertyqwerty",
  "qwertyuiopasdfghjkl",
  "asdfghjkl123",
  "asdfghjklqwertyuiop",
  "zaq12wsxcde3",
  "abcdefghijkl",
  "abcdefghijklmnop",
  "abc123abc123",
  "abcd1234abcd",
  "password1234",
  "password12345",
  "password123456",
  "password123!",
  "password1234!",
  "passwordpassword",
  "mypassword123",
  "p@ssw0rd1234",
  "p@ssword1234",
  "passw0rd1234",
  "administrator",
  "administrator1",
  "admin1234567",
  "admin12345678",
  "adminadminadmin",
  "changemechangeme",
  "changeme1234",
  "changeme12345",
  "letmein12345",
  "letmein123456",
  "iloveyou1234",
  "iloveyouforever",
  "iloveyousomuch",
  "welcome12345",
  "welcome123456",
  "correcthorsebatterystaple",
  "trustno1trustno1",
  "football1234",
  "baseball1234",
  "princess1234",
  "sunshine1234",
  "dragon123456",
  "monkey123456",
  "superman1234",
  "computer1234",
  "internet1234",
  "fairleadfairlead",
  "fairlead1234",
  "dockerdocker",
]);

/** Whose password it is to be. */
export interface PasswordOwner {
  readonly email: string;
  readonly name: string;
}

/**
 * Nothing that is too short, that stands in every guesser's list, or that is the person's own name or address.
 *
 * @throws FairleadError bad_request that says what is wrong, never the password.
 */
export function checkNewPassword(password: string, owner: PasswordOwner, field = "password"): void {
  const length = Array.from(password).length;
  if (length < MIN_PASSWORD_LENGTH) refuse(`needs at least ${MIN_PASSWORD_LENGTH} characters`, field);
  if (length > MAX_PASSWORD_LENGTH) refuse(`has more than ${MAX_PASSWORD_LENGTH} characters`, field);
  const plain = password.toLowerCase();
  if (COMMON.has(plain) || isRepetition(plain)) refuse("is one of the first that are tried", field);
  if (isPersonal(plain, owner)) refuse("is the e-mail address or the name", field);
}

function refuse(problem: string, field: string): never {
  throw new FairleadError("bad_request", `The password ${problem}. Choose another, for example four or five words.`, {
    details: { field },
  });
}

/** One to four characters over and over. */
function isRepetition(text: string): boolean {
  return /^(.{1,4}?)\1+.{0,3}$/su.test(text) && new Set(text).size <= 4;
}

function isPersonal(password: string, { email, name }: PasswordOwner): boolean {
  const letters = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  const [local = ""] = email.split("@");
  // Digits after it add nothing.
  const bare = letters(password).replace(/\d{1,4}$/, "");
  return [email, local, name].map(letters).some((own) => own !== "" && (bare === own || letters(password) === own));
}
