import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { HUB_VERSION } from "../version.ts";
import type { HubApp } from "./app.ts";

const DESCRIPTION = `
Every request needs an API token, \`Authorization: Bearer TOKEN\`, or the cookie of a person who signed in at \`/sign-in\`. Pages for people (\`/\`, \`/api/docs\`, \`/api/v1/openapi.json\`, \`/metrics\`)
also take it as the password of HTTP Basic; \`/api/v1/stream\` and the WebSockets also as \`?access_token=\`.

Errors are \`{code, message, details?}\`; match \`code\`.

Beside what is listed: \`/api/v1/environments/{env}/docker/…\` is that host's Docker Engine API, whole, upgrades included;
\`/api/v1/environments/{env}/exec?container=…\` is a WebSocket with a terminal, \`/api/v1/environments/{env}/logs?container=…\` one with a container's log, \`/api/v1/container-stats\` one with
containers' live figures; agents dial \`/api/v1/agents/connect\` (or \`/api/hawser/connect\`).
`.trim();

/** Everything from here. The package's own policy would send browsers to https, which a hub without a certificate has not. */
const PAGE_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** `/api/v1/openapi.json`, and pages to browse it at `/api/docs` from files of this installation. Register before the routes. */
export async function docsRoutes(app: HubApp): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Fairlead hub", version: HUB_VERSION, description: DESCRIPTION },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      security: [{ token: [] }],
    },
  });
  app.get(
    "/api/v1/openapi.json",
    { config: { access: "browser", permission: "authenticated" }, schema: { hide: true } },
    () => (app as HubApp & { swagger(): object }).swagger(),
  );
  await app.register(async (docs) => {
    docs.addHook("onRoute", (route) => {
      route.config = { ...route.config, access: "browser", permission: "authenticated" };
    });
    await docs.register(swaggerUi, { routePrefix: "/api/docs", staticCSP: PAGE_POLICY });
  });
}
