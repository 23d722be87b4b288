import { type ErrorCode, toFairleadError } from "@fairlead/protocol";
import type { EnvironmentKind, LightState } from "@fairlead/protocol/rest";
import type { EngineAnswer, EngineConnection } from "../engine/engine-connection.ts";

/** What a look at an engine says about the lights; a light that it says nothing about is absent. */
export interface Verdict {
  /** Only of hosts that the hub dials: an edge agent's link shows by itself. */
  readonly link?: LightState;
  readonly engine?: LightState;
  readonly error: string | null;
}

/** Nobody was reached. */
const UNREACHED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "agent_disconnected",
  "engine_unreachable",
  "address_forbidden",
]);
/** Somebody was reached, or may have been, and the engine did not answer as it should. */
const NO_GOOD_ANSWER: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "engine_error",
  "agent_error",
  "response_too_large",
]);

/** Asks the engine's `/_ping`. Never throws. */
export async function probeEngine(
  kind: EnvironmentKind,
  connection: () => EngineConnection,
  timeoutMs: number,
): Promise<Verdict> {
  try {
    return verdictOfAnswer(kind, await connection().request({ method: "GET", path: "/_ping" }, { timeoutMs }));
  } catch (error) {
    return verdictOfError(kind, error);
  }
}

function verdictOfAnswer(kind: EnvironmentKind, answer: EngineAnswer): Verdict {
  const link = kind === "edge" ? {} : { link: "up" as const };
  if (answer.status < 400) return { ...link, engine: "up", error: null };
  return { ...link, engine: "down", error: `The engine answered ${answer.status}: ${engineMessage(answer)}` };
}

export function verdictOfError(kind: EnvironmentKind, thrown: unknown): Verdict {
  const { code, message: error } = toFairleadError(thrown);
  if (kind === "edge") {
    // That the agent is away is the link's to say.
    if (code === "agent_disconnected") return { error: null };
    const isEngine = code === "engine_unreachable" || code === "engine_timeout" || code === "agent_timeout";
    return isEngine || NO_GOOD_ANSWER.has(code) ? { engine: "down", error } : { error: null };
  }
  if (UNREACHED.has(code)) return { link: "down", engine: kind === "socket" ? "down" : "unknown", error };
  // No answer in time: of a host that cannot be dialled, or of an engine that hangs.
  if (code === "engine_timeout") return { link: "unknown", engine: "down", error };
  return NO_GOOD_ANSWER.has(code) ? { link: "up", engine: "down", error } : { error: null };
}

/** Longest text of an answer that becomes part of an error. */
const MAX_MESSAGE_BYTES = 1024;

/** Docker's `{"message": …}`, or the answer's text as it is. */
export function engineMessage({ body }: EngineAnswer): string {
  const text = Buffer.from(body.subarray(0, MAX_MESSAGE_BYTES)).toString().trim();
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message : text;
  } catch {
    return text;
  }
}
