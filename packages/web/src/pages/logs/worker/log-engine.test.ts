import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CHUNK_LINES } from "./line-chunk.ts";
import { LogEngine } from "./log-engine.ts";
import type { FromLogWorker, LogSnapshot, LogViewport } from "./log-messages.ts";
import { compareTimes, formatStamp, type LogTime, parseStamp } from "./log-time.ts";

/** A container's log at a hub, and the sockets that read it. Tail counts from the end, whatever until says, as engines do. */
class FakeLog {
  readonly lines: (LogTime & { readonly text: string })[] = [];
  readonly asked: URLSearchParams[] = [];
  readonly followers = new Set<FakeSocket>();
  isAway = false;

  write(micros: number, text = `at ${micros}`, nanos = 0): void {
    const line = { micros, nanos, text };
    this.lines.push(line);
    for (const socket of this.followers) socket.send(line);
  }

  open(url: string): FakeSocket {
    const query = new URL(url).searchParams;
    this.asked.push(query);
    const socket = new FakeSocket(() => this.followers.delete(socket));
    queueMicrotask(() => {
      if (this.isAway) {
        socket.lose();
        return;
      }
      const tail = query.get("tail") ?? "all";
      const [since, until] = [query.get("since"), query.get("until")].map((text) =>
        text === null ? undefined : parseStamp(text),
      );
      socket.text({ type: "ready", tty: true });
      for (const line of tail === "all" ? this.lines : this.lines.slice(-Number(tail))) {
        if ((!since || compareTimes(line, since) >= 0) && (!until || compareTimes(line, until) <= 0)) socket.send(line);
      }
      if (query.get("follow") === "true") this.followers.add(socket);
      else socket.text({ type: "end" });
    });
    return socket;
  }

  /** The hub goes away. */
  lose(): void {
    for (const socket of this.followers) socket.lose();
    this.followers.clear();
  }
}

class FakeSocket {
  binaryType: BinaryType = "blob";
  readonly #listeners: Record<string, ((event: { data: unknown }) => void)[]> = { message: [], close: [] };
  readonly #onClose: () => void;
  #isClosed = false;

  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  addEventListener(type: "message" | "close", listener: (event: { data: unknown }) => void): void {
    this.#listeners[type]?.push(listener);
  }

  send(line: LogTime & { readonly text: string }): void {
    if (this.#isClosed) return;
    const { buffer } = new TextEncoder().encode(`${formatStamp(line)} ${line.text}\r\n`);
    for (const listener of this.#listeners["message"] ?? []) listener({ data: buffer });
  }

  text(control: unknown): void {
    if (this.#isClosed) return;
    for (const listener of this.#listeners["message"] ?? []) listener({ data: JSON.stringify(control) });
  }

  lose(): void {
    if (this.#isClosed) return;
    for (const listener of this.#listeners["close"] ?? []) listener({ data: undefined });
  }

  close(): void {
    this.#isClosed = true;
    this.#onClose();
  }
}

const START = Date.parse("2026-05-01T10:00:00Z") * 1000;
let logs: Map<string, FakeLog>;
let engine: LogEngine;
let last: LogSnapshot | undefined;
let other: FromLogWorker[];

beforeEach(() => {
  vi.useFakeTimers({ now: START / 1000 });
  logs = new Map();
  other = [];
  last = undefined;
});
afterEach(() => {
  engine.close();
  vi.useRealTimers();
});

function log(name: string): FakeLog {
  const found = logs.get(name) ?? new FakeLog();
  logs.set(name, found);
  return found;
}

function open(names: readonly string[], range = {}, maxLines?: number): void {
  engine = new LogEngine(
    (message) => {
      if (message.type !== "snapshot") {
        other.push(message);
        return;
      }
      last = message.snapshot;
      queueMicrotask(() => engine.handle({ type: "shown" }));
    },
    (url) => log(new URL(url).searchParams.get("container") ?? "").open(url),
    maxLines,
  );
  engine.handle({ type: "open", origin: "http://hub", range: { tail: 100, ...range } });
  engine.handle({
    type: "sources",
    sources: names.map((name) => ({ key: name, environmentId: 1, containerId: name, name })),
  });
}

async function pass(ms = 2_000): Promise<LogSnapshot> {
  await vi.advanceTimersByTimeAsync(ms);
  if (!last) throw new Error("no snapshot");
  return last;
}

const texts = (snapshot: LogSnapshot): string[] => snapshot.lines.map(({ text }) => text);
const view = (viewport: LogViewport): void => engine.handle({ type: "viewport", viewport });

test("logs of several containers are one, by time, as they come", async () => {
  log("a").write(START + 1, "a1");
  log("b").write(START + 2, "b1");
  log("a").write(START + 3, "a2");
  open(["a", "b"]);
  expect(texts(await pass())).toEqual(["a1", "b1", "a2"]);
  log("b").write(START + 5, "b2");
  log("a").write(START + 4, "a3");
  const snapshot = await pass();
  expect(texts(snapshot)).toEqual(["a1", "b1", "a2", "a3", "b2"]);
  expect(snapshot.sources).toEqual({ a: { kind: "live" }, b: { kind: "live" } });
});

test("when the hub was away nothing is lost or shown twice, and it is said", async () => {
  const one = log("a");
  one.write(START, "first", 7);
  one.write(START, "second", 7);
  open(["a"]);
  await pass();
  one.isAway = true;
  one.lose();
  // Of the same nanosecond as the last line that was read.
  one.write(START, "third", 7);
  one.write(START + 10, "fourth");
  expect((await pass(4_000)).sources["a"]?.kind).toBe("away");
  one.isAway = false;
  const snapshot = await pass(20_000);
  expect(texts(snapshot).filter((text) => !text.startsWith("The hub"))).toEqual(["first", "second", "third", "fourth"]);
  expect(texts(snapshot).filter((text) => text.startsWith("The hub was away"))).toHaveLength(1);
  expect(one.asked.at(-1)?.get("since")).toBe("2026-05-01T10:00:00.000000007Z");
});

test("when the engine lost lines meanwhile, that is said", async () => {
  const one = log("a");
  one.write(START, "first");
  open(["a"]);
  await pass();
  one.lose();
  one.lines.length = 0;
  one.write(START + 10, "after");
  expect(texts(await pass(20_000))).toContainEqual(expect.stringContaining("lines may be missing here"));
});

test("what fails says why, and the rest goes on", async () => {
  log("b").write(START, "b1");
  open(["a", "b"]);
  const socket = [...log("a").followers];
  await pass();
  expect(socket).toEqual([]);
  for (const one of log("a").followers) one.text({ type: "error", code: "forbidden", message: "No." });
  const snapshot = await pass();
  expect(snapshot.sources["a"]).toEqual({ kind: "failed", code: "forbidden", message: "No." });
  expect(snapshot.sources["b"]).toEqual({ kind: "live" });
});

test("a container that has stopped is read on when it starts again", async () => {
  log("a").write(START, "before");
  open(["a"]);
  await pass();
  for (const one of log("a").followers) one.text({ type: "end" });
  expect((await pass()).sources["a"]).toEqual({ kind: "ended" });
  log("a").write(START + 1, "after");
  engine.handle({ type: "retry", key: "a" });
  expect(texts(await pass())).toEqual(["before", "after"]);
});

test("scrolling to the front reads older lines, to the log's start, each once", async () => {
  for (let index = 0; index < 6_000; index += 1) log("a").write(START + index);
  open(["a"]);
  expect((await pass()).total).toBe(100);
  view({ mode: "free", count: 50, from: 0, anchor: undefined });
  let snapshot = await pass();
  view({ mode: "free", count: 50, from: 0, anchor: undefined });
  snapshot = await pass();
  expect(snapshot.total).toBe(6_000);
  expect(snapshot.isAtStart).toBe(true);
  expect(snapshot.lines[0]?.micros).toBe(START);
});

test("the first line in view stays the first when older ones come before it", async () => {
  for (let index = 0; index < 3_000; index += 1) log("a").write(START + index);
  open(["a"]);
  const { lines, from } = await pass();
  const [first] = lines;
  if (!first) throw new Error("no line");
  view({ mode: "free", count: 10, from, anchor: { ...first, index: from } });
  const snapshot = await pass();
  expect(snapshot.total).toBe(3_000);
  expect(snapshot.lines[0]?.id).toBe(first.id);
  expect(snapshot.from).toBe(2_900);
});

test("memory is bounded: who follows loses the oldest, who reads takes nothing newer, and both get them again", async () => {
  const size = CHUNK_LINES * 2;
  open(["a"], {}, size);
  await pass();
  for (let index = 0; index < CHUNK_LINES * 4; index += 1) log("a").write(START + index);
  let snapshot = await pass();
  expect(snapshot.held).toBeLessThan(size + CHUNK_LINES);
  expect(snapshot.lines.at(-1)?.micros).toBe(START + CHUNK_LINES * 4 - 1);

  view({ mode: "free", count: 10, from: 0, anchor: undefined });
  for (let round = 0; round < 12; round += 1) {
    snapshot = await pass();
    expect(snapshot.held).toBeLessThan(size + 2 * CHUNK_LINES);
    view({ mode: "free", count: 10, from: 0, anchor: undefined });
  }
  expect(snapshot.lines[0]?.micros).toBe(START);
  expect(snapshot.sources["a"]).toEqual({ kind: "held" });

  // Down again, by steps: every line once.
  let seen = START - 1;
  for (let round = 0; round < 2_000 && seen < START + CHUNK_LINES * 4 - 1; round += 1) {
    for (const { micros } of snapshot.lines) {
      if (micros > seen) {
        expect(micros).toBe(seen + 1);
        seen = micros;
      }
    }
    const line = snapshot.lines.at(-1);
    if (!line) throw new Error("no line");
    const index = snapshot.from + snapshot.lines.length - 1;
    view({ mode: "free", count: 200, from: index - 5, anchor: { ...line, index } });
    snapshot = await pass(500);
  }
  expect(seen).toBe(START + CHUNK_LINES * 4 - 1);
});

test("a time is opened with what was before and after it", async () => {
  for (let index = 0; index < 1_000; index += 1) log("a").write(START + index * 1_000_000);
  open(["a"], { at: START / 1000 + 500_000 });
  view({ mode: "time", count: 21 });
  const snapshot = await pass(5_000);
  const marked = snapshot.lines.findIndex(({ isMarked }) => isMarked);
  expect(snapshot.lines[marked]?.micros).toBe(START + 500_000_000);
  expect(marked).toBe(10);
});

test("while paused nothing is read, and then everything that came", async () => {
  log("a").write(START, "one");
  open(["a"]);
  await pass();
  engine.handle({ type: "pause", paused: true });
  log("a").write(START + 1, "two");
  expect(texts(await pass())).toEqual(["one"]);
  engine.handle({ type: "pause", paused: false });
  expect(texts(await pass())).toEqual(["one", "two"]);
});

test("only what matches is shown, with context, and found one after another", async () => {
  for (let index = 0; index < 30; index += 1)
    log("a").write(START + index, index % 10 === 5 ? `hit ${index}` : `line ${index}`);
  open(["a"]);
  await pass();
  const filter = { search: { text: "HIT", isRegex: false, matchCase: false }, stdout: true, stderr: true, hidden: [] };
  engine.handle({ type: "filter", filter: { ...filter, context: 1 } });
  const snapshot = await pass();
  expect(texts(snapshot)).toEqual([5, 15, 25].flatMap((at) => [`line ${at - 1}`, `hit ${at}`, `line ${at + 1}`]));
  expect(snapshot.matches).toBe(3);
  expect(snapshot.lines.map(({ isAfterGap }) => isAfterGap)).toEqual([
    false,
    false,
    false,
    true,
    false,
    false,
    true,
    false,
    false,
  ]);
  engine.handle({ type: "find", forward: true, from: 1 });
  engine.handle({ type: "find", forward: false, from: 1 });
  expect(other).toEqual([
    { type: "found", index: 4, number: 2 },
    { type: "found", index: 7, number: 3 },
  ]);
  engine.handle({
    type: "filter",
    filter: { ...filter, context: undefined, search: { text: "(", isRegex: true, matchCase: false } },
  });
  expect(other.at(-1)).toMatchObject({ type: "bad-search" });
});

test("a source that is taken away takes its lines along", async () => {
  log("a").write(START, "a1");
  log("b").write(START + 1, "b1");
  open(["a", "b"]);
  await pass();
  engine.handle({ type: "sources", sources: [{ key: "b", environmentId: 1, containerId: "b", name: "b" }] });
  expect(texts(await pass())).toEqual(["b1"]);
  expect(log("a").followers.size).toBe(0);
});
