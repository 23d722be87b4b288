import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RefreshQueue } from "./refresh-queue.ts";

let reads: { id: number; at: number; end: () => void }[];
let queue: RefreshQueue;
const ids = (): number[] => reads.map(({ id }) => id);

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  reads = [];
  queue = new RefreshQueue({
    read: (id) => new Promise((resolve) => reads.push({ id, at: Date.now(), end: resolve })),
  });
});
afterEach(() => vi.useRealTimers());

async function pass(ms: number, answers = true): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    if (answers) for (const { end } of reads) end();
    await vi.advanceTimersByTimeAsync(50);
  }
}

test("a host that is asked for often is read once, and again after a while", async () => {
  for (let times = 0; times < 50; times += 1) queue.want(1, { afterMs: 200 });
  await pass(1_000);
  expect(ids()).toEqual([1]);
  queue.want(1);
  await pass(500);
  expect(ids()).toEqual([1]);
  await pass(1_500);
  expect(ids()).toEqual([1, 1]);
});

test("what is told while a list is read is not in it: it is read again", async () => {
  queue.want(1);
  await pass(100, false);
  queue.want(1);
  await pass(5_000, false);
  expect(ids()).toEqual([1]);
  await pass(3_000);
  expect(ids()).toEqual([1, 1]);
});

test("few at once, and no more than ten a second, however many hosts there are", async () => {
  for (let id = 0; id < 200; id += 1) queue.want(id);
  await pass(1_000, false);
  expect(reads).toHaveLength(3);
  await pass(1_000);
  // Eleven starts have ten pauses between them.
  expect(reads.length).toBeLessThanOrEqual(3 + 11);
  await pass(40_000);
  expect(new Set(ids()).size).toBe(200);
});

test("what is missing is read before what is only old", async () => {
  for (let id = 0; id < 20; id += 1) queue.want(id);
  queue.want(99, { isUrgent: true });
  await pass(300);
  expect(ids().slice(0, 2)).toContain(99);
});

test("what is forgotten is not read", async () => {
  queue.want(1, { afterMs: 100 });
  queue.want(2, { afterMs: 100 });
  queue.forget(1);
  await pass(1_000);
  expect(ids()).toEqual([2]);
  queue.want(3);
  queue.clear();
  await pass(1_000);
  expect(ids()).toEqual([2]);
});
