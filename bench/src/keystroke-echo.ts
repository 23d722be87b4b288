import type { Dockerd, HubProgram } from "@fairlead/testkit";
import { EchoTerminal } from "./echo-terminal.ts";
import { latencies } from "./latencies.ts";
import { type Figure, percentile } from "./report.ts";
import type { Sizes } from "./sizes.ts";

const WARM_UP = 10;
/** People type; the next key comes after the last one's echo. */
export const KEY_PAUSE_MS = 5;
const BUDGET_MS = 5;

/** Time from a keystroke to its echo, in a shell of a real container, through the hub's terminal and an edge agent. */
export async function benchKeystrokeEcho(hub: HubProgram, engine: Dockerd, { keystrokes }: Sizes): Promise<Figure[]> {
  const container = await engine.dockerOk(["run", "-d", "busybox", "sleep", "1000"]);
  const samples = await typeInto(hub, container, keystrokes);
  await engine.dockerOk(["rm", "-f", container]);
  return [
    { name: "keystroke echo, p50", unit: "ms", value: percentile(samples, 0.5), budget: { atMost: BUDGET_MS } },
    { name: "keystroke echo, p99", unit: "ms", value: percentile(samples, 0.99) },
  ];
}

async function typeInto(hub: HubProgram, container: string, keystrokes: number): Promise<number[]> {
  using terminal = await EchoTerminal.open(hub, container);
  await latencies(WARM_UP, () => terminal.key(), KEY_PAUSE_MS);
  return await latencies(keystrokes, () => terminal.key(), KEY_PAUSE_MS);
}
