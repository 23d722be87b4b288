/** What the provider's way back says when it failed. */
const FAILURES: Readonly<Record<string, string>> = {
  account_not_linked:
    "There is a person with this e-mail address already, who signs in another way. Use that, or ask somebody who manages people.",
  email_not_found: "The provider did not tell an e-mail address, which this hub needs.",
  PERSON_DISABLED: "This person may not sign in. Ask somebody who manages people.",
  access_denied: "The provider refused the sign-in.",
};

/** Why the sign-in at the provider came to nothing, by the query of the address that it led back to; undefined when it did not. */
export function providerFailure(search: string): Error | undefined {
  const code = new URLSearchParams(search).get("error");
  if (code === null) return undefined;
  const known = Object.hasOwn(FAILURES, code) ? FAILURES[code] : undefined;
  return new Error(known ?? "The sign-in at the provider did not work. Try again.");
}
