import { expect, test } from "vitest";
import { checkNewPassword } from "./password-rules.ts";

const ADA = { email: "ada.lovelace@example.com", name: "Ada King Lovelace" };

test.each([
  "four words and a horse",
  "ada likes engines a lot",
  "ünïcödé îs fïne hérë",
  "x".repeat(4) + "y8!kdowq",
  " 12 blanks count ",
])("%s is good", (password) => expect(() => checkNewPassword(password, ADA)).not.toThrow());

test.each([
  ["eleven char", "at least 12"],
  ["é".repeat(11), "at least 12"],
  ["long ".repeat(30), "more than 128"],
  ["PasswordPassword", "first that are tried"],
  ["correcthorsebatterystaple", "first that are tried"],
  ["aaaaaaaaaaaaaa", "first that are tried"],
  ["abcabcabcabcabc", "first that are tried"],
  ["ada.lovelace@example.com", "e-mail address or the name"],
  ["Ada.Lovelace", "e-mail address or the name"],
  ["adalovelace1815", "e-mail address or the name"],
  ["AdaKingLovelace!", "e-mail address or the name"],
])("%s is refused", (password, problem) => {
  expect(() => checkNewPassword(password, ADA, "newPassword")).toThrow(
    expect.objectContaining({
      code: "bad_request",
      details: { field: "newPassword" },
      message: expect.stringContaining(problem) as string,
    }) as Error,
  );
});

test("the message does not hold the password", () => {
  expect(() => checkNewPassword("hunter2hunter2", ADA)).not.toThrow();
  expect(() => checkNewPassword("hunter2", ADA)).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining("hunter2") as string }) as Error,
  );
});
