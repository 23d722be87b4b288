import type { AuditActor } from "@fairlead/protocol/rest";
import type { HubApp } from "../../http/app.ts";
import type { PeopleDomain } from "./create-people.ts";

/** What of better-auth is served, and what the audit log calls it; everything else of it is 404. */
const ENDPOINTS = [
  ["POST", "/sign-in/email", "sign-in.password"],
  ["POST", "/sign-in/social", false],
  ["GET", "/callback/oidc", "sign-in.oidc"],
  ["POST", "/sign-out", "sign-out"],
  ["POST", "/change-password", "password.change"],
  ["POST", "/two-factor/enable", "second-factor.enable"],
  ["POST", "/two-factor/disable", "second-factor.disable"],
  ["POST", "/two-factor/verify-totp", "second-factor.verify"],
  ["POST", "/two-factor/verify-backup-code", "second-factor.verify"],
  ["POST", "/two-factor/generate-backup-codes", "second-factor.new-codes"],
  ["GET", "/passkey/generate-register-options", false],
  ["POST", "/passkey/verify-registration", "passkey.add"],
  ["GET", "/passkey/generate-authenticate-options", false],
  ["POST", "/passkey/verify-authentication", "sign-in.passkey"],
  ["POST", "/passkey/delete-passkey", "passkey.remove"],
] as const;

const PREFIX = "/api/auth";

/** `/api/auth/…`: signing in and what one signs in with. For the pages of this hub; better-auth asks for the session itself. */
export function authRoutes(app: HubApp, { signIn, checkOrigin }: PeopleDomain): void {
  for (const [method, path, audit] of ENDPOINTS) {
    app.route({
      method,
      url: PREFIX + path,
      config: { access: "open", audit },
      schema: { hide: true },
      handler: async (request, reply) => {
        checkOrigin(request.raw);
        const answer = await signIn.call({
          request: request.raw,
          method,
          path: request.url.slice(PREFIX.length),
          body: request.body,
        });
        // The provider's refusal leads back to the page, too.
        if (answer.person) request.audited = { actor: personActor(answer.person) };
        else if (path === "/callback/oidc") request.audited = { outcome: "refused" };
        return reply
          .code(answer.status)
          .headers({ ...answer.headers, ...(answer.cookies.length > 0 ? { "set-cookie": answer.cookies } : {}) })
          .send(answer.body);
      },
    });
  }
}

function personActor({ id, email }: { readonly id: string; readonly email: string }): AuditActor {
  return { kind: "person", id, name: email, personId: id };
}
