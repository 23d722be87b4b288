import fc from "fast-check";
import { expect, test } from "vitest";
import { CHUNK_LINES } from "./line-chunk.ts";
import { LineStore, timeAt } from "./line-store.ts";
import { ReorderQueue } from "./reorder-queue.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function line(id: number, micros: number, nanos = 0, slot = 0) {
  return { id, micros, nanos, slot, flags: 0, text: encoder.encode(`line ${id}`) };
}

function ids(store: LineStore): number[] {
  return Array.from({ length: store.count }, (_, index) => {
    const place = store.place(index);
    if (!place) throw new Error(`no line ${index}`);
    const id = place.chunk.ids[place.at] ?? 0;
    expect(decoder.decode(place.chunk.text(place.at))).toBe(`line ${id}`);
    return id;
  });
}

test("whatever comes in whatever order is sorted by time, equal times as they came, nothing lost or twice", () => {
  const lines = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 2 })), { maxLength: 300 });
  fc.assert(
    fc.property(lines, (times) => {
      const store = new LineStore();
      const given = times.map(([micros, nanos], index) => line(index + 1, micros, nanos));
      for (const one of given) store.insert(one);
      const expected = given.toSorted((a, b) => a.micros - b.micros || a.nanos - b.nanos || a.id - b.id);
      expect(ids(store)).toEqual(expected.map(({ id }) => id));
    }),
  );
});

test("lines that come before or between full chunks keep the order", () => {
  const store = new LineStore();
  const count = CHUNK_LINES * 2 + 10;
  for (let id = 1; id <= count; id += 1) store.insert(line(id, 1_000_000 + id * 2));
  for (let id = 1; id <= count; id += 1) store.insert(line(count + id, id));
  for (let id = 1; id <= 50; id += 1) store.insert(line(2 * count + id, 1_000_000 + id * 80 + 1));
  const times = Array.from({ length: store.count }, (_, index) => store.timeAt(index)?.micros ?? 0);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(new Set(ids(store)).size).toBe(2 * count + 50);
  expect(store.indexOfTime({ micros: 1_000_000, nanos: 0 })).toBe(count);
  expect(store.indexOfLine({ micros: 5, nanos: 0 }, count + 5)).toBe(4);
  expect(store.indexOfLine({ micros: 5, nanos: 0 }, 1)).toBeUndefined();
});

test("above its limit it gives up whole chunks from an end, and says where its sources begin then", () => {
  const store = new LineStore(CHUNK_LINES);
  for (let id = 1; id <= CHUNK_LINES * 2 + 1; id += 1) store.insert(line(id, id, 0, id % 2));
  expect(store.isOverfull).toBe(true);
  const fronts = new Map<number, number>();
  store.dropFirst((slot, { micros }) => fronts.set(slot, micros));
  expect(store.count).toBe(CHUNK_LINES + 1);
  expect(Object.fromEntries(fronts)).toEqual({ 0: CHUNK_LINES, 1: CHUNK_LINES - 1 });
  expect(store.countOf(0) + store.countOf(1)).toBe(store.count);
  store.dropLast(() => {});
  expect(ids(store).at(-1)).toBe(CHUNK_LINES * 2);
  expect(store.isOverfull).toBe(false);
  store.removeSlot(1);
  expect(store.count).toBe(CHUNK_LINES / 2);
  for (const [chunk] of store.chunks())
    for (let at = 0; at < chunk.count; at += 1) expect(timeAt(chunk, at).micros % 2).toBe(0);
});

test("lines of several sources wait for earlier ones, and no line for ever", () => {
  const queue = new ReorderQueue<{ micros: number; nanos: number }>();
  queue.push({ micros: 5, nanos: 0 }, 1_000);
  queue.push({ micros: 3, nanos: 0 }, 1_200);
  expect(queue.take(1_100, false)).toEqual([]);
  expect(queue.take(1_300, false).map(({ micros }) => micros)).toEqual([5]);
  queue.push({ micros: 1, nanos: 0 }, 1_300);
  expect(queue.take(1_300, true).map(({ micros }) => micros)).toEqual([1, 3]);
  expect(queue.length).toBe(0);
});
