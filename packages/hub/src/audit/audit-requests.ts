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
  app.addHook("preHandler", (request, _reply, done) => {
    // Who leaves before the answer has done it all the same, and no answer tells of it.
    const { socket } = request.raw;
    const left = (): void => void tell(request, { code: "cancelled" }, 0);
    socket.once("close", left);
    gone.set(request, () => socket.off("close", left));
    done();
  });
  app.addHook("onResponse", async (request, reply) => {
    gone.get(request)?.();
    await tell(request, answerOf(reply.raw) ?? { status: reply.statusCode }, reply.elapsedTime);
  });
  const gone = new WeakMap<FastifyRequest, () => void>();
  const tell = async (request: FastifyRequest, answer: Partial<AnswerNote>, elapsedMs: number): Promise<void> => {
    const { audit, permission } = request.routeOptions.config;
    const { audited = {} } = request;
    const action = audited.action ?? audit;
    if (told.has(request) || action === false || (READING.has(request.method) && action === undefined)) return;
    told.add(request);
    const environment = audited.environment ?? (await environmentOf(request, options.environments));
    options.audit.record({
      ...answer,
      door: "rest",
      action: action ?? permission ?? "unknown",
      // Nobody, when it was refused before.
      actor: audited.actor ?? actorOf(request.caller),
      outcome: audited.outcome ?? (answer.status === undefined ? "failed" : outcomeOf({ status: answer.status })),
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
