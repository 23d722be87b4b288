import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Dockerd, HubProgram } from "@fairlead/testkit";
import { WebSocket } from "ws";
import { type Figure, percentile } from "./report.ts";

const KEYSTROKES = 500;
/** People type; the next key comes after the last one's echo. */
const PAUSE_MS = 5;
const BUDGET_MS = 5;

/** Time from a keystroke to its echo, in a shell of a real container, through the hub's terminal and an edge agent. */
export async function benchKeystrokeEcho(hub: HubProgram, engine: Dockerd): Promise<Figure[]> {
  const container = await engine.dockerOk(["run", "-d", "busybox", "sleep", "1000"]);
  const url = `${hub.url.replace("http", "ws")}/api/v1/environments/bench/exec?container=${container}&cmd=cat`;
  const terminal = new WebSocket(url, { headers: { authorization: `Bearer ${hub.token}` } });
  await once(terminal, "open");
  const samples: number[] = [];
  // Without a first echo the terminal may not be there yet.
  for (let count = 0; count < KEYSTROKES; count += 1) {
    const key = Buffer.from(String.fromCharCode(97 + (count % 26)));
    const echo = nextOutput(terminal);
    const start = performance.now();
    terminal.send(key);
    await echo;
    if (count > 10) samples.push(performance.now() - start);
    await sleep(PAUSE_MS);
  }
  terminal.close();
  await engine.dockerOk(["rm", "-f", container]);
  return [
    { name: "keystroke echo, p50", unit: "ms", value: percentile(samples, 0.5), budget: { atMost: BUDGET_MS } },
    { name: "keystroke echo, p99", unit: "ms", value: percentile(samples, 0.99) },
  ];
}

function nextOutput(terminal: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const listen = (_data: unknown, isBinary: boolean) => {
      if (!isBinary) return;
      terminal.off("message", listen);
      resolve();
    };
    terminal.on("message", listen);
  });
}
