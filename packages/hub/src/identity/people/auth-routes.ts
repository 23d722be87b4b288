import type { HubApp } from "../../http/app.ts";
import { AUTH_ENDPOINTS, type AuthEndpoint, type AuthPath } from "./auth-endpoints.ts";
import type { PeopleDomain } from "./create-people.ts";
import { personActor } from "./person-actor.ts";

const PREFIX = "/api/auth";

/** `/api/auth/…`: signing in and what one signs in with. For the pages of this hub; better-auth asks for the session itself. */
export function authRoutes(app: HubApp, { signIn, checkOrigin }: PeopleDomain): void {
  for (const [path, { method, audit }] of Object.entries(AUTH_ENDPOINTS) as [AuthPath, AuthEndpoint][]) {
    app.route({
      method,
      url: PREFIX + path,
      config: { access: "open", audit },
      schema: { hide: true },
      handler: async (request, reply) => {
        checkOrigin(request.raw);
        // The route's own path: a target can be written in many ways, and one that is no endpoint's name has no limits.
        const answer = await signIn.call({ request: request.raw, path, target: request.url, body: request.body });
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
