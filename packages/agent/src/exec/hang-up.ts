import { FairleadError } from "@fairlead/protocol";
import type { EngineClient } from "../engine/engine-client.ts";

/** Set in the environment of an exec's process with a key of its own, so that exactly this process can be found again. */
export const HANG_UP_VARIABLE = "FAIRLEAD_EXEC";

export interface HangUpTarget {
  readonly containerId: string;
  readonly engineExecId: string;
  /** Value of {@link HANG_UP_VARIABLE}. */
  readonly key: string;
}

/** The engine's answers to these few calls; a container that is being paused or removed takes longer. */
const TIMEOUT_MS = 10_000;

/**
 * A process that its parent in the container does not have (an exec's parent is outside: PPid 0, or anything in a container that
 * shares the host's processes) and that has our key: only the exec's own first process, never a daemon started from it.
 * The signal reaches its terminal's foreground job through the kernel; who ignores it is killed.
 */
const SCRIPT = `
for signal in HUP KILL; do
  found=
  for p in /proc/[0-9]*; do
    tr '\\0' '\\n' <"$p/environ" 2>/dev/null | grep -qxF "$1" || continue
    parent=$(sed -n 's/^PPid:[^0-9]*//p' "$p/status" 2>/dev/null)
    tr '\\0' '\\n' <"/proc/$parent/environ" 2>/dev/null | grep -qxF "$1" && continue
    case $parent in 1) continue ;; esac
    found=1
    kill -$signal "\${p#/proc/}" 2>/dev/null
  done
  [ -n "$found" ] || exit 0
  sleep 2
done`;

/**
 * Ends the process of an exec whose terminal is gone, as a terminal that hangs up does. Engines let it run on: they have no call
 * that ends an exec, and closing its connection is a detach.
 */
export async function hangUp(engine: EngineClient, target: HangUpTarget): Promise<void> {
  if (!(await isRunning(engine, target.engineExecId))) return;
  const { containerId, key } = target;
  const created = await ask(engine, `/containers/${encodeURIComponent(containerId)}/exec`, {
    // Only the container's root can look into other users' processes.
    User: "0",
    Cmd: ["/bin/sh", "-c", SCRIPT, "sh", `${HANG_UP_VARIABLE}=${key}`],
  });
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
