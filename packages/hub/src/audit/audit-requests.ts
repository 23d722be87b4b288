import type { FastifyRequest } from "fastify";
import type { EnvironmentRecord } from "../environments/record.ts";
import type { EnvironmentService } from "../environments/service.ts";
import { type AnswerNote, answerOf } from "../http/answer-note.ts";
import type { HubApp } from "../http/app.ts";
import { auditPath } from "./audit-path.ts";
import { outcomeOf } from "./audited-call.ts";
import { actorOf, type AuditRecord } from "./record.ts";
import type { AuditRecorder } from "./service.ts";

export interface AuditRequestsOptions {
  readonly audit: AuditRecorder;
  readonly environments: Pick<EnvironmentService, "resolve">;
  readonly addressOf: (request: FastifyRequest["raw"]) => string;
}

/** What a route may say for the audit log. */
export type AuditedParts = Partial<Pick<AuditRecord, "actor" | "action" | "target" | "environment" | "outcome">>;

/** Methods that change nothing. */
const READING: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Every request of the REST API that would change something, for the audit log; refused ones, too. Before the routes. */
export function auditRequests(app: HubApp, options: AuditRequestsOptions): void {
  const told = new WeakSet<FastifyRequest>();
  /** For those whose caller may still leave: stops waiting for that. */
  const stays = new WeakMap<FastifyRequest, () => void>();
  const tell = async (request: FastifyRequest, answer: AnswerNote | undefined, elapsedMs: number): Promise<void> => {
    const { audit, permission } = request.routeOptions.config;
    const { audited = {} } = request;
    const action = audited.action ?? audit;
    if (told.has(request) || action === false || onlyReads(request)) return;
    told.add(request);
    const environment = audited.environment ?? (await environmentOf(request, options.environments));
    options.audit.record({
      ...(answer ?? { code: "cancelled" }),
      door: "rest",
      action: action ?? permission ?? "unknown",
      // Nobody, when it was refused before.
      actor: audited.actor ?? actorOf(request.caller),
      outcome: audited.outcome ?? outcomeOf(answer),
      at: Math.round(Date.now() - elapsedMs),
      durationMs: elapsedMs,
      address: options.addressOf(request.raw),
      target: audited.target ?? targetOf(request),
      method: request.method,
      path: auditPath(request.url),
      requestId: request.id,
      ...(environment === undefined ? {} : { environment }),
    });
  };
  app.addHook("preHandler", (request, _reply, done) => {
    if (!onlyReads(request)) {
      // Who leaves before the answer has done it all the same, and no answer tells of it.
      const { socket } = request.raw;
      const left = (): void => void tell(request, undefined, 0);
      socket.once("close", left);
      stays.set(request, () => socket.off("close", left));
    }
    done();
  });
  app.addHook("onResponse", async (request, reply) => {
    stays.get(request)?.();
    await tell(request, answerOf(reply.raw) ?? { status: reply.statusCode }, reply.elapsedTime);
  });
}

/** A request that is not told, unless its route has a name for it. */
function onlyReads({ method, routeOptions: { config } }: FastifyRequest): boolean {
  return READING.has(method) && config.audit === undefined;
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

/** What the path names beside the environment; of what is made or who comes, the name. */
function targetOf({ params, body }: Pick<FastifyRequest, "params" | "body">): string | undefined {
  const { env: _, ...named } = (params ?? {}) as Record<string, string | number>;
  const [target] = Object.values(named);
  if (target !== undefined) return String(target);
  const { email, name } = (body ?? {}) as { email?: unknown; name?: unknown };
  // Somebody may type a password in the place of an address.
  if (typeof email === "string") return email.includes("@") ? email : undefined;
  return typeof name === "string" ? name : undefined;
}
