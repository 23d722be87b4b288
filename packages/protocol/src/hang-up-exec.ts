/** Set in the environment of a terminal's process with a key of its own, so that exactly this process can be found again. */
export const HANG_UP_VARIABLE = "FAIRLEAD_EXEC";

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
 * The body of a `POST /containers/{id}/exec` that ends the process whose environment holds `HANG_UP_VARIABLE=key`, as a terminal
 * that hangs up does. It needs a shell in the container.
 */
export function hangUpExec(key: string): { User: string; Cmd: string[] } {
  // Only the container's root can look into other users' processes.
  return { User: "0", Cmd: ["/bin/sh", "-c", SCRIPT, "sh", `${HANG_UP_VARIABLE}=${key}`] };
}
