import { FairleadError } from "@fairlead/protocol";
import type { EnvironmentRecord } from "../environments/record.ts";

/** What was under way when it failed: the dial, waiting for the answer's head, or the answer's body. */
export type FailedStage = "dial" | "head" | "body";

const dialFailures = new WeakSet<Error>();

/** Marks what a connection broke with before it was ready: nothing was sent yet, so nobody is there. */
export function markDialFailure(error: Error): void {
  dialFailures.add(error);
}

/** What went wrong on the way to an environment's engine, as one of our errors. */
export function engineFailure(environment: EnvironmentRecord, error: unknown, stage: FailedStage): FairleadError {
  if (error instanceof FairleadError) return error;
  const cause = error as NodeJS.ErrnoException;
  if (stage === "dial" || dialFailures.has(cause))
    return unreachable(environment, cause.message || (cause.code ?? "no connection"), cause);
  const where = `Environment ${environment.name}: the connection to ${environment.address}`;
  const what = stage === "head" ? "gave no HTTP answer" : "broke off in the midst of an answer";
  return new FairleadError("engine_error", `${where} ${what}: ${cause.message}.`, { cause });
}

/** Nobody is there to talk to: for a standard environment that is its agent, else the engine. */
export function unreachable(environment: EnvironmentRecord, reason: string, cause?: unknown): FairleadError {
  const isAgent = environment.kind === "standard";
  return new FairleadError(
    isAgent ? "agent_disconnected" : "engine_unreachable",
    `Environment ${environment.name}: cannot connect to ${isAgent ? "the agent" : "the Docker Engine"} at ${environment.address}: ` +
      `${reason}. See that it runs there, and that the address and TLS settings are right.`,
    { cause },
  );
}
