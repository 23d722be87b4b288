import { access } from "node:fs/promises";

const SETPRIV = "/usr/bin/setpriv";

/**
 * The command line that runs `command` so that it gets `signal` when this process ends in any way, a kill included: a test run that
 * dies must leave nothing behind. It keeps the process id that `spawn` reports. Where setpriv (util-linux) is missing, the command as it is.
 */
export async function boundToThisProcess(
  signal: "SIGTERM" | "SIGKILL",
  command: string,
  args: readonly string[],
): Promise<[command: string, args: string[]]> {
  const available = await access(SETPRIV).then(
    () => true,
    () => false,
  );
  return available ? [SETPRIV, ["--pdeathsig", signal, "--", command, ...args]] : [command, [...args]];
}
