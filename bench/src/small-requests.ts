import { startBenchEngine } from "./bench-engine.ts";
import { latencies } from "./latencies.ts";
import { Pinger } from "./ping.ts";
import { type Budget, type Figure, median, percentile } from "./report.ts";
import type { Sizes } from "./sizes.ts";
import type { Target } from "./target.ts";
import { type Link, LINKS, openTunnel } from "./tunnel.ts";

const WARM_UP = 500;
const IN_FLIGHT = 64;
const P50_BUDGET: Budget = { ratioAtMost: 3 };
const CONCURRENT_BUDGET: Budget = { ratioAtLeast: 0.5 };

interface Measured {
  p50: number;
  p99: number;
  sequential: number;
  concurrent: number;
}

/** Small requests (`/_ping`) through the tunnel against the direct socket: p50 and p99 one at a time, requests/s at 1 and 64 in flight. */
export async function benchSmallRequests(sizes: Sizes): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const { direct, socketPath } = stack.use(await startBenchEngine());
  const tunnels = new Map<Link, Target>();
  for (const link of LINKS) tunnels.set(link, stack.use(await openTunnel({ socketPath, link })).target);

  const rounds: Record<string, Measured>[] = [];
  for (let run = 0; run < sizes.runs; run += 1) {
    const round: Record<string, Measured> = {};
    for (const target of [direct, ...tunnels.values()]) round[target.name] = await measure(target, sizes);
    rounds.push(round);
  }
  const middle = (name: string, field: keyof Measured): number =>
    median(rounds.map((round) => round[name]?.[field] ?? Number.NaN));
  const figure = (what: string, unit: string, field: keyof Measured, link: Link, budget?: Budget): Figure => ({
    name: `${what}, ${link}`,
    unit,
    value: middle(link, field),
    reference: { name: "direct", value: middle("direct", field) },
    ...(budget === undefined ? {} : { budget }),
  });
  return LINKS.flatMap((link) => [
    figure("small request, p50, 1 in flight", "ms", "p50", link, P50_BUDGET),
    figure("small request, p99, 1 in flight", "ms", "p99", link),
    figure("small requests, 1 in flight", "/s", "sequential", link),
    figure(`small requests, ${IN_FLIGHT} in flight`, "/s", "concurrent", link, CONCURRENT_BUDGET),
  ]);
}

async function measure(target: Target, { sequentialRequests, concurrentRequests }: Sizes): Promise<Measured> {
  using pinger = new Pinger(target, IN_FLIGHT);
  await latencies(WARM_UP, () => pinger.ping());

  const start = performance.now();
  const samples = await latencies(sequentialRequests, () => pinger.ping());
  const sequential = (sequentialRequests / (performance.now() - start)) * 1000;

  const from = performance.now();
  let left = concurrentRequests;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await pinger.ping();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const concurrent = (concurrentRequests / (performance.now() - from)) * 1000;
  return { p50: percentile(samples, 0.5), p99: percentile(samples, 0.99), sequential, concurrent };
}
