import { FairleadError, type ErrorCode, isFairleadError } from "@fairlead/protocol";
import {
  CreatedJoinKeySchema,
  CreateJoinKeySchema,
  JoinedSchema,
  JoinKeyListSchema,
  JoinSchema,
} from "@fairlead/protocol/rest";
import { edgeOnly, EnvironmentParamsSchema } from "../environments/routes.ts";
import type { HubApp } from "../http/app.ts";
import { clientAddress } from "../http/authentication.ts";
import { noContent, problems } from "../http/route-schemas.ts";
import { addressKey } from "../link/address-key.ts";
import { FailedDials } from "../link/failed-dials.ts";
import { LINK_LIMITS } from "../link/link-limits.ts";
import type { JoinService } from "./service.ts";

export interface JoinRouteParts {
  readonly joining: JoinService;
  readonly trustProxy: boolean;
}

/** A join is five short texts. */
const MAX_JOIN_BYTES = 16 * 1024;

const WRONG_KEY: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["join_key_invalid", "join_key_used", "join_key_expired"]);

/** `/api/v1/agents/join`, where agents trade their join key for a token, and the keys of each environment. */
export function joinRoutes(app: HubApp, parts: JoinRouteParts): void {
  agentRoute(app, parts);
  keyRoutes(app, parts);
}

function agentRoute(app: HubApp, { joining, trustProxy }: JoinRouteParts): void {
  const failures = new FailedDials(LINK_LIMITS);
  app.post(
    "/api/v1/agents/join",
    {
      config: { access: "open" },
      bodyLimit: MAX_JOIN_BYTES,
      schema: {
        tags: ["agents"],
        summary: "Trade a join key for an agent's token",
        description:
          "For agents: the join key is what lets them in. The environment's tokens before end at once. Failures are limited by address.",
        body: JoinSchema,
        response: { 200: JoinedSchema, ...problems },
      },
    },
    async (request) => {
      const address = clientAddress(request.raw, trustProxy);
      const key = addressKey(address);
      refuseIfLimited(failures, key);
      try {
        const { token, environmentId, environmentName } = await joining.join(request.body, address);
        return { token, environment: { id: environmentId, name: environmentName } };
      } catch (error) {
        if (isFairleadError(error) && WRONG_KEY.has(error.code)) {
          failures.add(key);
          request.log.warn({ address, code: error.code }, "an agent's join was refused");
        }
        throw error;
      }
    },
  );
}

/** As of failed dials: whoever fills its own bucket waits, nobody else. */
function refuseIfLimited(failures: FailedDials, key: string): void {
  const waitMs = failures.waitMs(key);
  if (waitMs === 0) return;
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  throw new FairleadError(
    "rate_limited",
    `Too many joins from this address failed. Try again in ${retryAfterSeconds} s, with the right join key.`,
    { details: { retryAfterSeconds } },
  );
}

function keyRoutes(app: HubApp, { joining }: JoinRouteParts): void {
  const tags = ["environments"];
  const url = "/api/v1/environments/:env/join-key";
  const params = EnvironmentParamsSchema;
  const config = { permission: "environment.manage" } as const;
  app.post(
    url,
    {
      config,
      schema: {
        tags,
        summary: "Make a join key",
        description:
          "For one agent, once, within `ttlSeconds` (default: an hour). When it joins, the tokens before end and their connection is closed.",
        params,
        body: CreateJoinKeySchema,
        response: { 201: CreatedJoinKeySchema, ...problems },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await joining.issue(edgeOnly(request.environment).id, request.body.ttlSeconds)),
  );
  app.get(
    url,
    {
      config,
      schema: {
        tags,
        summary: "The environment's join keys",
        description: "Open ones, and the last that ended with who used them; newest first. Never the keys themselves.",
        params,
        response: { 200: JoinKeyListSchema, ...problems },
      },
    },
    async ({ environment }) => ({ items: await joining.list(edgeOnly(environment).id) }),
  );
  app.delete(
    url,
    {
      config,
      schema: {
        tags,
        summary: "Revoke open join keys",
        description: "An agent that joined already stays.",
        params,
        response: { 204: noContent, ...problems },
      },
    },
    async (request, reply) => {
      await joining.revoke(edgeOnly(request.environment).id);
      return reply.code(204).send(null);
    },
  );
}
