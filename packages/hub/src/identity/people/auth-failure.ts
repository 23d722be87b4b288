import { type ErrorCode, FairleadError } from "@fairlead/protocol";

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: "bad_request",
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  422: "bad_request",
  429: "rate_limited",
};

/** What better-auth's codes mean to a person here. */
const MESSAGES: Readonly<Record<string, string>> = {
  INVALID_EMAIL_OR_PASSWORD: "E-mail address or password is wrong.",
  INVALID_EMAIL: "This is no e-mail address.",
  INVALID_PASSWORD: "The password is wrong.",
  INVALID_CODE: "The code is wrong, or was used already. Codes change every 30 seconds; check the clock of the device.",
  INVALID_BACKUP_CODE: "The recovery code is wrong, or was used already.",
  INVALID_TWO_FACTOR_COOKIE: "The sign-in took too long. Start again with the password.",
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: "Too many wrong codes. Start again with the password.",
  ACCOUNT_TEMPORARILY_LOCKED: "Too many wrong codes. This second factor is locked for a quarter of an hour.",
  TOTP_NOT_ENABLED: "No second factor is set up.",
  BACKUP_CODES_NOT_ENABLED: "No recovery codes are set up.",
  PERSON_DISABLED: "This person may not sign in. Ask somebody who manages people.",
  PASSKEY_NOT_FOUND: "This passkey is not known here.",
  PERSON_NOT_VERIFIED:
    "The device did not ask for a fingerprint, face or PIN. Set one up on it, or use another passkey.",
  AUTHENTICATION_FAILED: "The passkey was not accepted.",
  CHALLENGE_NOT_FOUND: "The passkey took too long. Try again.",
  FAILED_TO_VERIFY_REGISTRATION: "The passkey was not accepted.",
  SESSION_NOT_FRESH: "Sign in again: this needs a sign-in within the last hour.",
  PROVIDER_NOT_FOUND: "Single sign-on is not set up, or its provider does not answer.",
};

/** better-auth's answer as an error of ours; its code is in `details.reason`. */
export function authFailure(status: number, body: unknown): FairleadError {
  const { code: reason, message } = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const code = CODE_OF_STATUS[status] ?? "internal";
  const known = typeof reason === "string" ? MESSAGES[reason] : undefined;
  const fallback = code === "unauthenticated" ? "Sign in first." : "The sign-in failed; the hub's log may say why.";
  const text = known ?? (typeof message === "string" && message !== "" && code !== "internal" ? message : fallback);
  return new FairleadError(code, text, typeof reason === "string" ? { details: { reason } } : {});
}
