import type { EngineConnection } from "./engine-connection.ts";

/** Set in the environment of a terminal's process with a key of its own, so that exactly this process can be found again. */
export const HANG_UP_VARIABLE = "FAIRLEAD_EXEC";

export interface HangUpTarget {
  readonly container: string;
  readonly execId: string;
  /** Value of {@link HANG_UP_VARIABLE}. */
  readonly key: string;
}

/**
 * Finds the process with our key whose parent does not have it: only the exec's own first process, never a daemon started from
 * it. The signal reaches the terminal's foreground job through the kernel; who ignores it is killed.
 */
const SCRIPT = `
for signal in HUP KILL; do
  found=
  for p in /proc/[0-9]*; do
    tr '\\0' '\\n' <"$p/environ" 2>/dev/null | grep -qxF "$1" || continue
    parent=$(sed -n 's/^PPid:[^0-9]*//p' "$p/status" 2>/dev/null)
    [ "$parent" = 1 ] && continue
    tr '\\0' '\\n' <"/proc/$parent/environ" 2>/dev/null | grep -qxF "$1" && continue
    found=1
    kill -$signal "\${p#/proc/}" 2>/dev/null
  done
  [ -n "$found" ] || exit 0
  sleep 2
done`;

/**
 * Ends the process of an exec whose terminal is gone, as a line that hangs up does. Engines let it run on: they have no call that
 * ends an exec. In a container without a shell it stays.
 */
export async function hangUp(engine: EngineConnection, { container, execId, key }: HangUpTarget): Promise<void> {
  const { Running: running } = (await ask(engine, "GET", `/exec/${execId}/json`)) as { Running?: unknown };
  if (running !== true) return;
  const created = await ask(engine, "POST", `/containers/${encodeURIComponent(container)}/exec`, {
    // Only the container's root can look into other users' processes.
    User: "0",
    Cmd: ["/bin/sh", "-c", SCRIPT, "sh", `${HANG_UP_VARIABLE}=${key}`],
  });
  const { Id: id } = created as { Id?: string };
  if (id !== undefined) await ask(engine, "POST", `/exec/${id}/start`, { Detach: true });
}

async function ask(engine: EngineConnection, method: string, path: string, body?: object): Promise<object> {
  const answer = await engine.request({
    method,
    path,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
  });
  return answer.body.length === 0 ? {} : (JSON.parse(Buffer.from(answer.body).toString()) as object);
}
