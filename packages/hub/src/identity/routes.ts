import { ApiTokenListSchema, CreateApiTokenSchema, CreatedApiTokenSchema } from "@fairlead/protocol/rest";
import Type from "typebox";
import type { HubApp } from "../http/app.ts";
import { noContent, problems } from "../http/route-schemas.ts";
import type { ApiTokens } from "./service.ts";

const tags = ["access"];

/** `/api/v1/tokens`: API tokens, each with full rights. */
export function tokenRoutes(app: HubApp, tokens: ApiTokens): void {
  app.get(
    "/api/v1/tokens",
    { schema: { tags, summary: "All API tokens", response: { 200: ApiTokenListSchema, ...problems } } },
    async () => ({ items: await tokens.list() }),
  );
  app.post(
    "/api/v1/tokens",
    {
      schema: {
        tags,
        summary: "Make an API token",
        description: "The answer holds the secret, this once.",
        body: CreateApiTokenSchema,
        response: { 201: CreatedApiTokenSchema, ...problems },
      },
    },
    async (request, reply) => reply.code(201).send(await tokens.create(request.body)),
  );
  app.delete(
    "/api/v1/tokens/:id",
    {
      schema: {
        tags,
        summary: "Revoke an API token",
        params: Type.Object({ id: Type.Integer({ minimum: 1 }) }),
        response: { 204: noContent, ...problems },
      },
    },
    async (request, reply) => {
      await tokens.revoke(request.params.id);
      return reply.code(204).send(null);
    },
  );
}
