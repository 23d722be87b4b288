import type { RunningAgent } from "./main.ts";

/**
 * Ends the process in order at SIGTERM or SIGINT: the agent stops, then exit code 0. A second signal exits at once.
 * SIGHUP is ignored: an agent started from a terminal goes on when that is closed.
 */
export function stopOnSignals(agent: Pick<RunningAgent, "stop">): void {
  let isStopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(signal === "SIGINT" ? 130 : 143);
    isStopping = true;
    void agent.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("SIGHUP", () => {});
}
