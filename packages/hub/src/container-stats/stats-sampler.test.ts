import { FairleadError } from "@fairlead/protocol";
import type { ContainerRef, ContainerSample } from "@fairlead/protocol/rest";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { EngineCall, EngineConnection } from "../engine/engine-connection.ts";
import { StatsReader } from "./stats-reader.ts";
import { StatsSampler, type StatsWatcher } from "./stats-sampler.ts";

/** A host with containers that each have used as much CPU as there are questions. */
class FakeHost {
  readonly asked: string[] = [];
  status = 200;
  running = true;
  atOnce = 0;
  mostAtOnce = 0;
  answerMs = 10;
  isAway = false;

  readonly connection = { request: (call: EngineCall) => this.#answer(call) } as unknown as EngineConnection;

  async #answer({ path }: EngineCall) {
    this.asked.push(path);
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    await new Promise((resolve) => setTimeout(resolve, this.answerMs));
    this.atOnce -= 1;
    if (this.isAway) throw new FairleadError("engine_timeout", "away");
    const read = this.running ? new Date().toISOString() : "0001-01-01T00:00:00Z";
    const stats = { read, cpu_stats: { cpu_usage: { total_usage: Date.now() * 1e5 } }, pids_stats: { current: 1 } };
    return { status: this.status, headers: {}, body: Buffer.from(JSON.stringify(stats)) };
  }
}

class Page implements StatsWatcher {
  readonly samples: ContainerSample[] = [];
  readonly left: ContainerRef[] = [];
  sample(sample: ContainerSample): void {
    this.samples.push(sample);
  }
  gone(container: ContainerRef): void {
    this.left.push(container);
  }
}

const ref = (id: string, environmentId = 1): ContainerRef => ({ environmentId, id });

let hosts: Map<number, FakeHost>;
let sampler: StatsSampler;
let up: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  hosts = new Map([1, 2].map((id) => [id, new FakeHost()]));
  up = true;
  const reader = new StatsReader({ for: (id) => hosts.get(id)!.connection });
  sampler = new StatsSampler({ reader, isUp: () => up });
});
afterEach(() => {
  sampler.stop();
  vi.useRealTimers();
});

const host = (): FakeHost => hosts.get(1)!;
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

test("one question every three seconds, however many watch; the second one soon, for the CPU; none when nobody does", async () => {
  const pages = [new Page(), new Page()];
  for (const page of pages) sampler.watch(page, ref("a"));
  await pass(10_500);
  expect(host().asked).toEqual(Array(4).fill("/containers/a/stats?stream=false&one-shot=true"));
  expect(pages[0]!.samples).toEqual(pages[1]!.samples);
  expect(pages[0]!.samples[0]).toEqual({ ...ref("a"), at: expect.any(String) as string, pids: 1 });
  // 1e5 ns a millisecond: a tenth of a core.
  for (const { cpuPercent } of pages[0]!.samples.slice(1)) expect(cpuPercent).toBeCloseTo(10);
  sampler.unwatch(pages[0]!, ref("a"));
  const late = new Page();
  sampler.watch(late, ref("a"));
  // What is known is told at once.
  expect(late.samples).toHaveLength(1);
  for (const page of [pages[1]!, late]) sampler.unwatch(page, ref("a"));
  await pass(60_000);
  expect(host().asked).toHaveLength(4);
  expect(sampler.watched).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("few questions at once to one host, and those whose page has left are not asked any more", async () => {
  host().answerMs = 2_000;
  const page = new Page();
  const refs = Array.from({ length: 100 }, (_, index) => ref(`c${index}`));
  for (const each of refs) sampler.watch(page, each);
  await pass(5_000);
  expect(host().mostAtOnce).toBe(4);
  const asked = host().asked.length;
  for (const each of refs) sampler.unwatch(page, each);
  await pass(60_000);
  expect(host().asked).toHaveLength(asked);
  expect(page.left).toEqual([]);
});

test.each([
  ["that stopped", () => (host().running = false)],
  ["that is not there", () => (host().status = 404)],
  ["that stopped, as Podman has it", () => (host().status = 409)],
])("a container %s is told once, and not asked for until it is watched anew", async (_what, stop) => {
  const page = new Page();
  sampler.watch(page, ref("a"));
  await pass(1_000);
  stop();
  await pass(30_000);
  expect(page.left).toEqual([ref("a")]);
  const asked = host().asked.length;
  await pass(30_000);
  expect(host().asked).toHaveLength(asked);
  [host().running, host().status] = [true, 200];
  sampler.watch(page, ref("a"));
  await pass(1_000);
  expect(host().asked.length).toBeGreaterThan(asked);
});

test("a host that is away is skipped quietly, and the others are not held up", async () => {
  const page = new Page();
  host().isAway = true;
  for (let index = 0; index < 50; index += 1) sampler.watch(page, ref(`c${index}`));
  sampler.watch(page, ref("b", 2));
  await pass(4_900);
  // Those that were under way; the rest is not tried.
  expect(host().asked.length).toBeLessThanOrEqual(8);
  expect(page.samples.every(({ environmentId }) => environmentId === 2)).toBe(true);
  expect(page.samples.length).toBeGreaterThan(1);
  host().isAway = false;
  await pass(10_000);
  expect(page.samples.filter(({ environmentId }) => environmentId === 1).length).toBeGreaterThan(50);
  expect(page.left).toEqual([]);
  up = false;
  const asked = host().asked.length;
  await pass(30_000);
  expect(host().asked).toHaveLength(asked);
});

test("an engine that refuses is asked again, and says nothing", async () => {
  const page = new Page();
  host().status = 403;
  sampler.watch(page, ref("a"));
  await pass(10_000);
  expect(host().asked).toHaveLength(4);
  expect([page.samples, page.left]).toEqual([[], []]);
});
