import { FairleadError } from "@fairlead/protocol";
import {
  CreatedEnvironmentSchema,
  CreateEnvironmentSchema,
  EnvironmentListSchema,
  EnvironmentSchema,
  RotatedTokenSchema,
  RotateTokenSchema,
  UpdateEnvironmentSchema,
} from "@fairlead/protocol/rest";
import Type from "typebox";
import type { Authorization } from "../access/authorization.ts";
import { demand } from "../access/service.ts";
import type { HubApp } from "../http/app.ts";
import { noContent, problems } from "../http/route-schemas.ts";
import type { EnvironmentRecord } from "./record.ts";
import type { EnvironmentService } from "./service.ts";
import type { EnvironmentViews } from "./view.ts";

/** The tokens that edge agents join with. `agents/` has them. */
export interface AgentTokens {
  /** @returns The secret, to be shown once. */
  issueToken(environmentId: number): Promise<string>;
  /** @returns The new secret, and until when (Unix milliseconds) the old one works; null: not at all. */
  rotateToken(
    environmentId: number,
    overlapSeconds: number,
  ): Promise<{ token: string; previousValidUntil: number | null }>;
  revokeToken(environmentId: number): Promise<void>;
  dismissConflict(environmentId: number): Promise<void>;
}

/** What agents trade for a token. `joining/` has them. */
export interface JoinKeys {
  /** @returns The secret, to be shown once, and until when (ISO 8601) it can be used. */
  issue(environmentId: number, ttlSeconds?: number): Promise<{ joinKey: string; expiresAt: string }>;
  /** Ends those that are open. */
  revoke(environmentId: number): Promise<void>;
}

export interface EnvironmentRouteParts {
  readonly environments: EnvironmentService;
  readonly authorization: Authorization;
  readonly views: EnvironmentViews;
  readonly agents: AgentTokens;
  readonly joinKeys: JoinKeys;
  /** What is shown of the environment's agent has changed. */
  readonly onChange: (environmentId: number) => void;
}

/** Path parameter of every route about one environment. */
export const EnvironmentParamsSchema = Type.Object({
  env: Type.String({ minLength: 1, description: "Id or name of the environment." }),
});

const tags = ["environments"];

/** `/api/v1/environments`: what the hub manages, and the tokens that edge agents join with. */
export function environmentRoutes(app: HubApp, parts: EnvironmentRouteParts): void {
  readRoutes(app, parts);
  writeRoutes(app, parts);
  tokenRoutes(app, parts);
}

function readRoutes(app: HubApp, { environments, authorization, views }: EnvironmentRouteParts): void {
  app.get(
    "/api/v1/environments",
    {
      config: { permission: "environment.view" },
      schema: {
        tags,
        summary: "All environments that the caller may see, by name",
        response: { 200: EnvironmentListSchema, ...problems },
      },
    },
    async ({ caller }) => {
      const visible = await authorization.select(caller, "environment.view", undefined);
      return { items: await views.viewAll(visible ?? (await environments.list())) };
    },
  );
  app.get(
    "/api/v1/environments/:env",
    {
      config: { permission: "environment.view" },
      schema: {
        tags,
        summary: "One environment",
        params: EnvironmentParamsSchema,
        response: { 200: EnvironmentSchema, ...problems },
      },
    },
    async ({ environment }) => views.view(environment),
  );
}

function writeRoutes(app: HubApp, { environments, views, agents, joinKeys }: EnvironmentRouteParts): void {
  app.post(
    "/api/v1/environments",
    {
      config: { permission: "environment.create" },
      schema: {
        tags,
        summary: "Add an environment",
        description:
          "For kind edge (the default) the answer holds the agent's token, this once; with `joinKeyTtlSeconds` a join key, too.",
        body: CreateEnvironmentSchema,
        response: { 201: CreatedEnvironmentSchema, ...problems },
      },
    },
    async (request, reply) => {
      const record = await environments.create(request.body);
      const agentToken = record.kind === "edge" ? await agents.issueToken(record.id) : undefined;
      const { joinKeyTtlSeconds: ttl } = request.body;
      const key = ttl === undefined ? undefined : await joinKeys.issue(record.id, ttl);
      const environment = await views.view(record);
      return reply.code(201).send({
        environment,
        ...(agentToken === undefined ? {} : { agentToken }),
        ...(key === undefined ? {} : { joinKey: key.joinKey, joinKeyExpiresAt: key.expiresAt }),
      });
    },
  );
  app.patch(
    "/api/v1/environments/:env",
    {
      config: { audit: "environment.update", permission: "environment.manage" },
      schema: {
        tags,
        summary: "Change an environment",
        description:
          "What is left out stays. An empty `token` removes it; `tls` is replaced whole (null removes it), but a `clientKey` that is left out stays as long as there is a `clientCert`. The kind stays.",
        params: EnvironmentParamsSchema,
        body: UpdateEnvironmentSchema,
        response: { 200: EnvironmentSchema, ...problems },
      },
    },
    async (request) => {
      const { caller, environment, body } = request;
      // As adding one: it may be any socket of the hub's own machine.
      if (environment.kind === "socket" && body.address !== undefined) demand(caller, "environment.create");
      return views.view(await environments.update(String(environment.id), body));
    },
  );
  app.delete(
    "/api/v1/environments/:env",
    {
      config: { audit: "environment.remove", permission: "environment.manage" },
      schema: {
        tags,
        summary: "Remove an environment",
        description: "Closes its agent's connection and deletes everything kept about it.",
        params: EnvironmentParamsSchema,
        response: { 204: noContent, ...problems },
      },
    },
    async (request, reply) => {
      await environments.remove(String(request.environment.id));
      return reply.code(204).send(null);
    },
  );
}

function tokenRoutes(app: HubApp, { agents, joinKeys, onChange }: EnvironmentRouteParts): void {
  app.post(
    "/api/v1/environments/:env/token",
    {
      config: { audit: "agent-token.rotate", permission: "environment.manage" },
      schema: {
        tags,
        summary: "Rotate the agent's token",
        description:
          "The old token works for `overlapSeconds` more; with 0, the default, it ends now and its connection is closed. Brings a revoked environment back.",
        params: EnvironmentParamsSchema,
        body: RotateTokenSchema,
        response: { 200: RotatedTokenSchema, ...problems },
      },
    },
    async (request) => {
      const environment = edgeOnly(request.environment);
      const rotated = await agents.rotateToken(environment.id, request.body.overlapSeconds ?? 0);
      onChange(environment.id);
      const until = rotated.previousValidUntil;
      return { agentToken: rotated.token, previousValidUntil: until === null ? null : new Date(until).toISOString() };
    },
  );
  app.delete(
    "/api/v1/environments/:env/token",
    {
      config: { audit: "agent-token.revoke", permission: "environment.manage" },
      schema: {
        tags,
        summary: "Revoke the agent's token",
        description:
          "Closes its connection at once, and ends open join keys. No agent can join until the token is rotated or a join key is made.",
        params: EnvironmentParamsSchema,
        response: { 204: noContent, ...problems },
      },
    },
    async (request, reply) => {
      const { id } = edgeOnly(request.environment);
      // The keys first: whoever joins meanwhile loses its token with the others.
      await joinKeys.revoke(id);
      await agents.revokeToken(id);
      onChange(id);
      return reply.code(204).send(null);
    },
  );
  app.delete(
    "/api/v1/environments/:env/conflict",
    {
      config: { audit: "conflict.dismiss", permission: "environment.manage" },
      schema: {
        tags,
        summary: "Dismiss an identity conflict",
        description: "Forgets that a second machine tried to join with this environment's token.",
        params: EnvironmentParamsSchema,
        response: { 204: noContent, ...problems },
      },
    },
    async (request, reply) => {
      const { id } = request.environment;
      await agents.dismissConflict(id);
      onChange(id);
      return reply.code(204).send(null);
    },
  );
}

/** @throws FairleadError conflict for an environment of another kind. */
export function edgeOnly(environment: EnvironmentRecord): EnvironmentRecord {
  if (environment.kind === "edge") return environment;
  throw new FairleadError(
    "conflict",
    `The environment ${environment.name} is of kind ${environment.kind}: only edge environments have agent tokens and join keys.`,
  );
}
