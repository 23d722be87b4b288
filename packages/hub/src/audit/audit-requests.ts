import type { FastifyRequest } from "fastify";
import type { EnvironmentRecord } from "../environments/record.ts";
import type { EnvironmentService } from "../environments/service.ts";
import { answerOf } from "../http/answer-note.ts";
import type { HubApp } from "../http/app.ts";
import { auditPath } from "./audit-path.ts";
import { outcomeOf } from "./audited-call.ts";
import { actorOf } from "./record.ts";
import type { AuditRecorder } from "./service.ts";

export interface AuditRequestsOptions {
  readonly audit: AuditRecorder;
  readonly environments: Pick<EnvironmentService, "resolve">;
  readonly addressOf: (request: FastifyRequest["raw"]) => string;
}

/** Methods that change nothing. */
const READING: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Every request of the REST API that would change something, for the audit log; refused ones, too. Before the routes. */
export function auditRequests(app: HubApp, options: AuditRequestsOptions): void {
  app.addHook("onResponse", async (request, reply) => {
    const { audit: action, permission } = request.routeOptions.config;
    if (READING.has(request.method) || action === false) return;
    const answer = answerOf(reply.raw) ?? { status: reply.statusCode };
    const environment = await environmentOf(request, options.environments);
    options.audit.record({
      ...answer,
      door: "rest",
      action: action ?? permission ?? "unknown",
      // Nobody, when it was refused before.
      actor: actorOf(request.caller),
      outcome: outcomeOf(answer),
      at: Math.round(Date.now() - reply.elapsedTime),
      durationMs: reply.elapsedTime,
      address: options.addressOf(request.raw),
      target: targetOf(request),
      method: request.method,
      path: auditPath(request.url),
      requestId: request.id,
      ...(environment === undefined ? {} : { environment }),
    });
  });
}

/** That of the path. A request that was refused has not looked for it. */
async function environmentOf(
  request: FastifyRequest,
  environments: AuditRequestsOptions["environments"],
): Promise<EnvironmentRecord | undefined> {
  const known = request.environment as EnvironmentRecord | undefined;
  const { env } = (request.params ?? {}) as { env?: string };
  return known ?? (env === undefined ? undefined : await environments.resolve(env).catch(() => undefined));
}

/** What the path names beside the environment; of what is made, its name. */
function targetOf({ params, body }: Pick<FastifyRequest, "params" | "body">): string | undefined {
  const { env: _, ...named } = (params ?? {}) as Record<string, string | number>;
  const [target] = Object.values(named);
  if (target !== undefined) return String(target);
  const { name } = (body ?? {}) as { name?: unknown };
  return typeof name === "string" ? name : undefined;
}
