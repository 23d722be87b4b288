import { FairleadError } from "@fairlead/protocol";
import type { ContainerFigures } from "@fairlead/protocol/rest";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { StatsReader } from "../container-stats/stats-reader.ts";
import type { EngineCall, EngineConnection } from "../engine/engine-connection.ts";
import { ContainerMetricsCollector } from "./collector.ts";
import type { ContainerMetrics } from "./service.ts";
import type { MeasuredContainer } from "./store.ts";

let up: number[];
let asked: string[];
let added: { container: MeasuredContainer; figures: ContainerFigures; at: number }[];
let answerMs: number;
let isBroken: boolean;
let collector: ContainerMetricsCollector;

const CONTAINERS = [
  { Id: "a", Names: ["/db/link", "/one"], State: "running" },
  { Id: "b", Names: ["/two"], State: "restarting" },
];

function connection(environmentId: number): EngineConnection {
  const request = async ({ path }: EngineCall) => {
    asked.push(`${environmentId} ${path.split("?", 1)[0]}`);
    await new Promise((resolve) => setTimeout(resolve, answerMs));
    if (isBroken) throw new FairleadError("engine_timeout", "away");
    const read = new Date().toISOString();
    const stats = { read, cpu_stats: { cpu_usage: { total_usage: Date.now() * 5e5 } }, pids_stats: { current: 1 } };
    const body = path.includes("/stats") ? stats : CONTAINERS;
    return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(body)) };
  };
  return { request } as unknown as EngineConnection;
}

function start(intervalS: number): void {
  const metrics = {
    add: (container: MeasuredContainer, figures: ContainerFigures) =>
      added.push({ container, figures, at: Date.now() }),
    closeEnded: () => {},
  } as unknown as ContainerMetrics;
  const connections = { for: connection };
  const reader = new StatsReader(connections);
  collector = new ContainerMetricsCollector({ metrics, connections, reader, enginesUp: () => up, intervalS });
  collector.start();
}

beforeEach(() => {
  vi.useFakeTimers();
  [up, asked, added, answerMs, isBroken] = [[1], [], [], 10, false];
});
afterEach(() => {
  collector.stop();
  vi.useRealTimers();
});

const pass = (seconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(seconds * 1000);

test("every running container once an interval, under its own name; the CPU over the time between", async () => {
  start(60);
  await pass(180);
  expect(asked).toEqual([1, 2, 3].flatMap(() => ["1 /containers/json", "1 /containers/a/stats"]));
  expect(added.map(({ container }) => container)).toEqual(
    [1, 2, 3].map(() => ({ environmentId: 1, id: "a", name: "one" })),
  );
  expect(added.map(({ figures }) => figures.cpuPercent)).toEqual([undefined, 50, 50]);
  expect(collector.stats).toEqual({ done: 3, failed: 0, skipped: 0 });
});

test("hosts are spread over the interval, and one that is not up is not asked", async () => {
  up = [1, 2, 3, 4, 5, 6];
  start(60);
  await pass(60);
  const times = added.map(({ at }) => at).toSorted((a, b) => a - b);
  expect(times).toHaveLength(6);
  expect(Math.min(...times.slice(1).map((at, index) => at - (times[index] ?? 0)))).toBeGreaterThan(3_000);
  up = [];
  await pass(120);
  expect(added).toHaveLength(6);
});

test("a host that takes longer than an interval is skipped meanwhile", async () => {
  answerMs = 100_000;
  start(60);
  await pass(60 + 130);
  expect(asked).toEqual(["1 /containers/json", "1 /containers/a/stats"]);
  expect(collector.stats.skipped).toBe(2);
});

test("one that fails is counted, and asked again at its time", async () => {
  isBroken = true;
  start(60);
  await pass(60);
  expect(collector.stats).toEqual({ done: 0, failed: 1, skipped: 0 });
  isBroken = false;
  await pass(60);
  expect(collector.stats).toEqual({ done: 1, failed: 1, skipped: 0 });
});

test("0 is off", async () => {
  start(0);
  await pass(600);
  expect(asked).toEqual([]);
});
