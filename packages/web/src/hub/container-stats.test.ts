import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ContainerStats, type StatsSocket } from "./container-stats.ts";
import type { Connection } from "./live.ts";
import { Store } from "./store.ts";

class FakeSocket extends EventTarget implements StatsSocket {
  readonly sent: string[] = [];
  isClosed = false;

  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.isClosed = true;
  }
  open(): void {
    this.dispatchEvent(new Event("open"));
  }
  say(message: unknown): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(message) }));
  }
  break(): void {
    this.dispatchEvent(new Event("close"));
  }
  /** Ids that it was last told to watch. */
  get watched(): string[] {
    const { containers } = JSON.parse(this.sent.at(-1) ?? '{"containers":[]}') as { containers: { id: string }[] };
    return containers.map(({ id }) => id);
  }
}

let sockets: FakeSocket[];
let connection: Store<Connection>;
let stats: ContainerStats;
const ref = (id: string) => ({ environmentId: 1, id });
const sample = (id: string, cpuPercent: number) => ({ ...ref(id), at: "2026-01-01T00:00:00Z", cpuPercent });
const cpu = (id: string): number | undefined => stats.sample(`1/${id}`)?.cpuPercent;
const socket = (): FakeSocket => sockets.at(-1)!;
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  connection = new Store<Connection>({ state: "live", since: 0 });
  stats = new ContainerStats({
    connection,
    open: () => {
      sockets.push(new FakeSocket());
      return socket();
    },
  });
});
afterEach(() => vi.useRealTimers());

async function watchedOne(listener: () => void = () => {}): Promise<() => void> {
  const stop = stats.watch(ref("a"), listener);
  await pass(300);
  socket().open();
  return stop;
}

test("one socket is told the union of what is watched, once things have settled", async () => {
  stats.watch(ref("a"), () => {});
  stats.watch(ref("a"), () => {});
  const stop = stats.watch(ref("b"), () => {});
  expect(sockets).toHaveLength(0);
  await pass(300);
  socket().open();
  expect(socket().sent).toHaveLength(1);
  expect(socket().watched).toEqual(["a", "b"]);
  stop();
  stats.watch(ref("c"), () => {});
  await pass(300);
  expect(socket().watched).toEqual(["a", "c"]);
  expect([sockets.length, socket().sent.length]).toEqual([1, 2]);
});

test("only listeners of a container are told of its sample", async () => {
  let told = 0;
  await watchedOne(() => (told += 1));
  stats.watch(ref("b"), () => {});
  socket().say({ type: "samples", samples: [sample("b", 2), sample("unknown", 9)] });
  expect([told, cpu("a"), cpu("b"), cpu("unknown")]).toEqual([0, undefined, 2, undefined]);
  socket().say({ type: "samples", samples: [sample("a", 1)] });
  expect([told, cpu("a")]).toEqual([1, 1]);
});

test("a sample that no other follows is not shown for ever", async () => {
  await watchedOne();
  socket().say({ type: "samples", samples: [sample("a", 1)] });
  await pass(14_000);
  expect(cpu("a")).toBe(1);
  await pass(2_000);
  expect(cpu("a")).toBeUndefined();
});

test("nobody looks: the socket is left, not at once", async () => {
  const stop = await watchedOne();
  stop();
  await pass(4_000);
  const again = stats.watch(ref("a"), () => {});
  await pass(1_000);
  expect([sockets.length, socket().isClosed]).toEqual([1, false]);
  again();
  await pass(5_000);
  expect(socket().isClosed).toBe(true);
});

test("a break takes the figures away, and is dialled anew with pauses that grow", async () => {
  await watchedOne();
  socket().say({ type: "samples", samples: [sample("a", 1)] });
  socket().break();
  expect([cpu("a"), stats.problem.value?.message]).toEqual([undefined, "The hub does not send figures of containers."]);
  await pass(1_000);
  expect(sockets).toHaveLength(2);
  socket().break();
  await pass(1_900);
  expect(sockets).toHaveLength(2);
  await pass(200);
  expect(sockets).toHaveLength(3);
  socket().open();
  expect(socket().watched).toEqual(["a"]);
  socket().say({ type: "samples", samples: [sample("a", 2)] });
  expect([cpu("a"), stats.problem.value]).toEqual([2, null]);
});

test("while the hub is away it is not dialled; when it is back, at once", async () => {
  await watchedOne();
  connection.set({ state: "away", since: 0 });
  socket().break();
  await pass(60_000);
  expect(sockets).toHaveLength(1);
  connection.set({ state: "live", since: 0 });
  expect(sockets).toHaveLength(2);
});

test("what is refused is not asked for again; what is gone is, after a while", async () => {
  await watchedOne();
  stats.watch(ref("b"), () => {});
  stats.watch(ref("c"), () => {});
  await pass(300);
  socket().say({ type: "refused", containers: [ref("b")] });
  socket().say({ type: "samples", samples: [sample("c", 3)] });
  socket().say({ type: "gone", containers: [ref("c")] });
  expect(cpu("c")).toBeUndefined();
  const { length } = socket().sent;
  await pass(4_000);
  expect(socket().sent).toHaveLength(length);
  await pass(1_000);
  expect(socket().sent).toHaveLength(length + 1);
  expect(socket().watched).toEqual(["a", "c"]);
});

test("the hub's error is what is said", async () => {
  await watchedOne();
  socket().say({ type: "error", code: "too_many_requests", message: "Too many readers." });
  socket().break();
  expect(stats.problem.value).toEqual({ code: "too_many_requests", message: "Too many readers." });
});

test("more than the hub takes: the last ones are watched", async () => {
  for (let index = 0; index < 250; index += 1) stats.watch(ref(`c${index}`), () => {});
  await pass(300);
  socket().open();
  expect(socket().watched).toHaveLength(200);
  expect(socket().watched.at(-1)).toBe("c249");
});

test("who scrolls on and on is told of, too", async () => {
  await watchedOne();
  for (let index = 0; index < 20; index += 1) {
    stats.watch(ref(`c${index}`), () => {});
    await pass(100);
  }
  expect(socket().watched.length).toBeGreaterThan(10);
});
