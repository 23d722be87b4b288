/** An endpoint of better-auth as this hub serves it. */
export interface AuthEndpoint {
  readonly method: "GET" | "POST";
  /** What the audit log calls it; false: it only asks. */
  readonly audit: string | false;
  /**
   * What is handed on of the body, or of a GET's query; nothing else is. better-auth takes more: an ID token in the place of the
   * provider's way back, or a device on which no second factor is asked for again.
   */
  readonly fields: readonly string[];
}

/** What of better-auth is served, by its path below `/api/auth`; everything else of it is 404. */
export const AUTH_ENDPOINTS = {
  "/sign-in/email": { method: "POST", audit: "sign-in.password", fields: ["email", "password"] },
  "/sign-in/social": {
    method: "POST",
    audit: false,
    fields: ["provider", "callbackURL", "errorCallbackURL", "disableRedirect"],
  },
  "/callback/oidc": {
    method: "GET",
    audit: "sign-in.oidc",
    fields: ["code", "state", "iss", "error", "error_description"],
  },
  "/sign-out": { method: "POST", audit: "sign-out", fields: [] },
  "/change-password": {
    method: "POST",
    audit: "password.change",
    fields: ["currentPassword", "newPassword", "revokeOtherSessions"],
  },
  "/two-factor/enable": { method: "POST", audit: "second-factor.enable", fields: ["password"] },
  "/two-factor/disable": { method: "POST", audit: "second-factor.disable", fields: ["password"] },
  "/two-factor/verify-totp": { method: "POST", audit: "second-factor.verify", fields: ["code"] },
  "/two-factor/verify-backup-code": { method: "POST", audit: "second-factor.verify", fields: ["code"] },
  "/two-factor/generate-backup-codes": { method: "POST", audit: "second-factor.new-codes", fields: ["password"] },
  "/passkey/generate-register-options": { method: "GET", audit: false, fields: [] },
  "/passkey/verify-registration": { method: "POST", audit: "passkey.add", fields: ["response", "name"] },
  "/passkey/generate-authenticate-options": { method: "GET", audit: false, fields: [] },
  "/passkey/verify-authentication": { method: "POST", audit: "sign-in.passkey", fields: ["response"] },
  "/passkey/delete-passkey": { method: "POST", audit: "passkey.remove", fields: ["id"] },
} as const satisfies Readonly<Record<string, AuthEndpoint>>;

export type AuthPath = keyof typeof AUTH_ENDPOINTS;

/** The endpoint's fields of a body. */
export function bodyFields({ fields }: AuthEndpoint, body: unknown): Record<string, unknown> {
  if (typeof body !== "object" || body === null) return {};
  return Object.fromEntries(Object.entries(body).filter(([name]) => fields.includes(name)));
}

/** The endpoint's fields of the query of a request target, from the `?` on; the `#` that a target may have ends it, as it does for the router. */
export function queryFields({ fields }: AuthEndpoint, target: string): string {
  const [beforeHash = ""] = target.split("#", 1);
  const at = beforeHash.indexOf("?");
  const given = at === -1 ? [] : [...new URLSearchParams(beforeHash.slice(at + 1))];
  const query = new URLSearchParams(given.filter(([name]) => fields.includes(name))).toString();
  return query === "" ? "" : `?${query}`;
}
