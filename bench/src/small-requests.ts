import { Agent, request } from "node:http";
import { type Figure, percentile } from "./report.ts";
import type { Target, Tunnel } from "./tunnel.ts";

const WARM_UP = 500;
const SEQUENTIAL = 3_000;
const CONCURRENT = 10_000;
const IN_FLIGHT = 64;

/** Small requests (`/_ping`) through the tunnel against the direct socket: p50 and p99 one at a time, requests/s at 1 and 64 in flight. */
export async function benchSmallRequests({ direct, tunnel }: Tunnel): Promise<Figure[]> {
  const before = await measure(direct);
  const through = await measure(tunnel);
  return [
    { name: "small request, p50, 1 in flight", unit: "ms", value: through.p50, direct: before.p50 },
    { name: "small request, p99, 1 in flight", unit: "ms", value: through.p99, direct: before.p99 },
    { name: "small requests, 1 in flight", unit: "/s", value: through.sequential, direct: before.sequential },
    {
      name: `small requests, ${IN_FLIGHT} in flight`,
      unit: "/s",
      value: through.concurrent,
      direct: before.concurrent,
    },
  ];
}

async function measure(target: Target) {
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  const ping = () => get(target, agent);
  for (let count = 0; count < WARM_UP; count += 1) await ping();

  const samples: number[] = [];
  const start = performance.now();
  for (let count = 0; count < SEQUENTIAL; count += 1) {
    const before = performance.now();
    await ping();
    samples.push(performance.now() - before);
  }
  const sequential = (SEQUENTIAL / (performance.now() - start)) * 1000;

  const from = performance.now();
  let left = CONCURRENT;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await ping();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const concurrent = (CONCURRENT / (performance.now() - from)) * 1000;
  agent.destroy();
  return { p50: percentile(samples, 0.5), p99: percentile(samples, 0.99), sequential, concurrent };
}

function get(target: Target, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ ...target.connection, path: `${target.prefix}/_ping`, headers: target.headers, agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${target.name}: ${response.statusCode}`));
      response.resume();
      response.on("end", resolve);
    })
      .on("error", reject)
      .end();
  });
}
