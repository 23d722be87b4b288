import { FairleadError, hangUpExec } from "@fairlead/protocol";
import type { EngineClient } from "../engine/engine-client.ts";

export interface HangUpTarget {
  readonly containerId: string;
  readonly engineExecId: string;
  /** Value of `HANG_UP_VARIABLE`. */
  readonly key: string;
}

/** The engine's answers to these few calls; a container that is being paused or removed takes longer. */
const TIMEOUT_MS = 10_000;

/**
 * Ends the process of an exec whose terminal is gone, as a terminal that hangs up does. Engines let it run on: they have no call
 * that ends an exec, and closing its connection is a detach.
 */
export async function hangUp(engine: EngineClient, target: HangUpTarget): Promise<void> {
  if (!(await isRunning(engine, target.engineExecId))) return;
  const { containerId, key } = target;
  const created = await ask(engine, `/containers/${encodeURIComponent(containerId)}/exec`, hangUpExec(key));
  const { Id: id } = JSON.parse(created) as { Id?: string };
  await ask(engine, `/exec/${id}/start`, { Detach: true });
}

async function isRunning(engine: EngineClient, engineExecId: string): Promise<boolean> {
  const path = await engine.ownPath(`/exec/${engineExecId}/json`);
  const { status, body } = await engine.request({ method: "GET", path }, { timeoutMs: TIMEOUT_MS });
  return status === 200 && (JSON.parse(Buffer.from(body).toString()) as { Running?: unknown }).Running === true;
}

async function ask(engine: EngineClient, path: string, body: object): Promise<string> {
  const call = { method: "POST", path: await engine.ownPath(path), body: Buffer.from(JSON.stringify(body)) };
  const answer = await engine.request(call, { timeoutMs: TIMEOUT_MS });
  const text = Buffer.from(answer.body).toString();
  if (answer.status >= 300)
    throw new FairleadError("engine_error", `${call.path.split("?")[0]}: ${answer.status} ${text}`);
  return text;
}
