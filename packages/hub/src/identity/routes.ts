import { ApiTokenListSchema, CreateApiTokenSchema, CreatedApiTokenSchema } from "@fairlead/protocol/rest";
import Type from "typebox";
import type { HubApp } from "../http/app.ts";
import { noContent, problems } from "../http/route-schemas.ts";
import { type Caller, may } from "../access/caller.ts";
import { demand } from "../access/service.ts";
import type { ApiTokens } from "./service.ts";

const tags = ["access"];

/** `/api/v1/tokens`: API tokens. People see and revoke their own; whoever has `token.manage`, everybody's. */
export function tokenRoutes(app: HubApp, tokens: ApiTokens): void {
  app.get(
    "/api/v1/tokens",
    {
      config: { permission: "authenticated" },
      schema: { tags, summary: "The caller's API tokens, or all", response: { 200: ApiTokenListSchema, ...problems } },
    },
    async ({ caller }) => ({ items: await tokens.list(ownerOf(caller)) }),
  );
  app.post(
    "/api/v1/tokens",
    {
      config: { audit: "token.create", permission: "authenticated" },
      schema: {
        tags,
        summary: "Make an API token",
        description:
          "It belongs to the caller's person, and does no more than the caller may. The answer holds the secret, this once.",
        body: CreateApiTokenSchema,
        response: { 201: CreatedApiTokenSchema, ...problems },
      },
    },
    async (request, reply) => {
      mayHaveTokens(request.caller);
      return reply.code(201).send(await tokens.create(request.body, request.caller));
    },
  );
  app.delete(
    "/api/v1/tokens/:id",
    {
      config: { audit: "token.revoke", permission: "authenticated" },
      schema: {
        tags,
        summary: "Revoke an API token",
        params: Type.Object({ id: Type.Integer({ minimum: 1 }) }),
        response: { 204: noContent, ...problems },
      },
    },
    async (request, reply) => {
      await tokens.revoke(request.params.id, ownerOf(request.caller));
      return reply.code(204).send(null);
    },
  );
}

/** Whose tokens the caller sees; undefined: everybody's. @throws FairleadError forbidden for a token of nobody without the right. */
function ownerOf(caller: Caller): string | undefined {
  if (may(caller, "token.manage")) return undefined;
  mayHaveTokens(caller);
  return caller.personId ?? undefined;
}

/** People have tokens of their own; a program's token makes others only with `token.manage`. */
function mayHaveTokens(caller: Caller): void {
  if (caller.kind !== "person") demand(caller, "token.manage");
}
