import { waitFor } from "@fairlead/testkit";
import { startBenchEngine } from "./bench-engine.ts";
import { EchoTerminal } from "./echo-terminal.ts";
import { FlatOutReader } from "./flat-out-reader.ts";
import { KEY_PAUSE_MS } from "./keystroke-echo.ts";
import { latencies } from "./latencies.ts";
import { MemoryWatch } from "./memory-watch.ts";
import { PacedReader } from "./paced-reader.ts";
import { Pinger } from "./ping.ts";
import { type Figure, median, percentile } from "./report.ts";
import type { Sizes } from "./sizes.ts";
import { type Link, LINKS, openTunnel, type Tunnel } from "./tunnel.ts";

const SLOW_BYTES_PER_SECOND = 1_000_000;
/** Of the slow reader, before anything is measured: whatever buffers for it is full by then. */
const UNDER_WAY_BYTES = 3 * SLOW_BYTES_PER_SECOND;
const PING_BUDGET = { atMost: 10, ratioAtMost: 5 };
const ECHO_BUDGET = { atMost: 15 };
/** A tunnel that starves the slow reader would have an easy time with the others. */
const SLOW_BUDGET = { ratioAtLeast: 0.9 };
const GROWTH_BUDGET = { atMost: 16 };
const WARM_UP = 500;

/** One reader takes 1 MB/s while another runs flat out: what becomes of small requests, keystrokes and memory. */
export async function benchContention(sizes: Sizes): Promise<Figure[]> {
  await using engine = await startBenchEngine();
  const figures: Figure[] = [];
  for (const link of LINKS) {
    await using tunnel = await openTunnel({ socketPath: engine.socketPath, link });
    figures.push(...(await measure(tunnel, link, sizes)));
  }
  return figures;
}

async function measure(tunnel: Tunnel, link: Link, sizes: Sizes): Promise<Figure[]> {
  const { hub, agent, target } = tunnel;
  using pinger = new Pinger(target);
  // The fake engine's exec echoes; its container may have any name.
  using terminal = await EchoTerminal.open(hub, "echo");
  await latencies(WARM_UP, () => pinger.ping());
  const idle = await p99s(pinger, terminal, sizes);

  using hubMemory = await MemoryWatch.begin(hub);
  using agentMemory = await MemoryWatch.begin(agent);
  using slow = new PacedReader(target, SLOW_BYTES_PER_SECOND);
  await using fast = new FlatOutReader(target);
  await waitFor(() => slow.bytes > UNDER_WAY_BYTES, { what: "the slow reader to be under way" });
  const busy = await p99s(pinger, terminal, sizes);

  const growth = (who: string, memory: MemoryWatch): Figure[] => [
    {
      name: `contention, ${link}: ${who} grows, at its peak`,
      unit: "MiB",
      value: memory.peakGrowthMiB,
      budget: GROWTH_BUDGET,
    },
    { name: `contention, ${link}: ${who} grows, at the end`, unit: "MiB", value: memory.growthMiB },
  ];
  return [
    {
      name: `contention, ${link}: small request, p99`,
      unit: "ms",
      value: busy.ping,
      reference: { name: "idle", value: idle.ping },
      budget: PING_BUDGET,
    },
    {
      name: `contention, ${link}: keystroke echo, p99`,
      unit: "ms",
      value: busy.echo,
      reference: { name: "idle", value: idle.echo },
      budget: ECHO_BUDGET,
    },
    ...growth("hub", hubMemory),
    ...growth("agent", agentMemory),
    {
      name: `contention, ${link}: the slow reader`,
      unit: "MB/s",
      value: slow.bytesPerSecond / 1e6,
      reference: { name: "asked for", value: SLOW_BYTES_PER_SECOND / 1e6 },
      budget: SLOW_BUDGET,
    },
    { name: `contention, ${link}: the fast reader`, unit: "MB/s", value: fast.bytesPerSecond / 1e6 },
  ];
}

/** Medians of the runs' p99s. */
async function p99s(pinger: Pinger, terminal: EchoTerminal, { runs, pings, keystrokes }: Sizes) {
  const ping: number[] = [];
  const echo: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    ping.push(percentile(await latencies(pings, () => pinger.ping()), 0.99));
    echo.push(percentile(await latencies(keystrokes, () => terminal.key(), KEY_PAUSE_MS), 0.99));
  }
  return { ping: median(ping), echo: median(echo) };
}
