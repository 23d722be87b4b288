import type { HubApp } from "../../http/app.ts";
import type { PeopleDomain } from "./create-people.ts";

/** What of better-auth is served; everything else of it is 404. */
const ENDPOINTS = [
  ["POST", "/sign-in/email"],
  ["POST", "/sign-in/social"],
  ["GET", "/callback/oidc"],
  ["POST", "/sign-out"],
  ["POST", "/change-password"],
  ["POST", "/two-factor/enable"],
  ["POST", "/two-factor/disable"],
  ["POST", "/two-factor/verify-totp"],
  ["POST", "/two-factor/verify-backup-code"],
  ["POST", "/two-factor/generate-backup-codes"],
  ["GET", "/passkey/generate-register-options"],
  ["POST", "/passkey/verify-registration"],
  ["GET", "/passkey/generate-authenticate-options"],
  ["POST", "/passkey/verify-authentication"],
  ["POST", "/passkey/delete-passkey"],
] as const;

const PREFIX = "/api/auth";

/** `/api/auth/…`: signing in and what one signs in with. For the pages of this hub; better-auth asks for the session itself. */
export function authRoutes(app: HubApp, { signIn, checkOrigin }: PeopleDomain): void {
  for (const [method, path] of ENDPOINTS) {
    app.route({
      method,
      url: PREFIX + path,
      config: { access: "open" },
      schema: { hide: true },
      handler: async (request, reply) => {
        checkOrigin(request.raw);
        const answer = await signIn.call({
          request: request.raw,
          method,
          path: request.url.slice(PREFIX.length),
          body: request.body,
        });
        return reply
          .code(answer.status)
          .headers({ ...answer.headers, ...(answer.cookies.length > 0 ? { "set-cookie": answer.cookies } : {}) })
          .send(answer.body);
      },
    });
  }
}
