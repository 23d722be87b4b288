import { openBareRelay } from "./bare-relay.ts";
import { startBenchEngine } from "./bench-engine.ts";
import { latencies } from "./latencies.ts";
import { Pinger } from "./ping.ts";
import { type Budget, type Figure, median, percentile } from "./report.ts";
import type { Sizes } from "./sizes.ts";
import { openSshForward } from "./ssh-forward.ts";
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

/**
 * Small requests (`/_ping`) through the tunnel against the direct socket: p50 and p99 one at a time, requests/s at 1 and 64 in flight. Beside
 * it, what ssh and a bare relay cost.
 */
export async function benchSmallRequests(sizes: Sizes): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const { direct, socketPath } = stack.use(await startBenchEngine());
  const targets: Target[] = [direct, stack.use(await openSshForward(socketPath)).target];
  for (const link of LINKS) {
    targets.push(stack.use(await openTunnel({ socketPath, link })).target);
    targets.push(stack.use(await openBareRelay({ socketPath, link })).target);
  }

  const rounds: Record<string, Measured>[] = [];
  for (let run = 0; run < sizes.runs; run += 1) {
    const round: Record<string, Measured> = {};
    for (const target of targets) round[target.name] = await measure(target, sizes);
    rounds.push(round);
  }
  const middle = (name: string, field: keyof Measured): number =>
    median(rounds.map((round) => round[name]?.[field] ?? Number.NaN));
  const figuresOf = (name: string, budgets: { p50?: Budget; concurrent?: Budget } = {}): Figure[] => {
    const figure = (what: string, unit: string, field: keyof Measured, budget?: Budget): Figure => ({
      name: `${what}, ${name}`,
      unit,
      value: middle(name, field),
      reference: { name: "direct", value: middle("direct", field) },
      ...(budget === undefined ? {} : { budget }),
    });
    return [
      figure("small request, p50, 1 in flight", "ms", "p50", budgets.p50),
      figure("small request, p99, 1 in flight", "ms", "p99"),
      figure("small requests, 1 in flight", "/s", "sequential"),
      figure(`small requests, ${IN_FLIGHT} in flight`, "/s", "concurrent", budgets.concurrent),
    ];
  };
  const through = (link: Link): Figure[] => [
    ...figuresOf(link, { p50: P50_BUDGET, concurrent: CONCURRENT_BUDGET }),
    ...figuresOf(`bare, ${link}`),
  ];
  return [...figuresOf("ssh"), ...LINKS.flatMap(through)];
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
