import { expect, test } from "vitest";
import {
  INITIAL_WINDOW_BYTES,
  LONE_AFTER_MS,
  MAX_LONE_STREAM_WINDOW_BYTES,
  MAX_SHORT_PATH_WINDOW_BYTES,
  MAX_WINDOW_BYTES,
} from "../limits.ts";
import { ReceiveWindow, WindowBudget } from "./receive-window.ts";

/** Of a path whose round trips took so long. */
function budgetOf(now: () => number, tripsMs: readonly number[] = [100, 100, 100]): WindowBudget {
  const budget = new WindowBudget(now);
  for (const ms of tripsMs) budget.sawTrip(ms);
  return budget;
}

/** A sender uses its window up in 100 ms, its consumer takes all of it, and the next bytes come so much later. */
function windowAfterStandstill(standstillMs: number, tripsMs?: readonly number[]): WindowBudget {
  let now = 0;
  const budget = budgetOf(() => now, tripsMs);
  const window = new ReceiveWindow(budget);
  now = 100;
  window.receive(INITIAL_WINDOW_BYTES);
  window.consume(INITIAL_WINDOW_BYTES);
  expect(window.senderWaits()).toBe(0);
  now += standstillMs;
  window.receive(1);
  return budget;
}

test.each([
  [0, 0],
  [24, 0],
  [25, INITIAL_WINDOW_BYTES],
  [200, INITIAL_WINDOW_BYTES],
])("a standstill of %i ms after 100 ms of sending makes the window %i bytes larger", (standstillMs, grown) => {
  expect(windowAfterStandstill(standstillMs).grown).toBe(grown);
});

test("time in which the consumer holds the sender up is none of the path's", () => {
  let now = 0;
  const budget = budgetOf(() => now);
  const window = new ReceiveWindow(budget);
  window.receive(INITIAL_WINDOW_BYTES);
  window.senderWaits();
  now = 1_000;
  window.consume(INITIAL_WINDOW_BYTES);
  now = 1_010;
  window.receive(1);
  expect(budget.grown).toBe(0);
});

/** How large it becomes at most, on a path whose round trips took so long. */
function largestWindow(tripsMs: readonly number[]): number {
  let now = 0;
  const budget = budgetOf(() => now, tripsMs);
  const window = new ReceiveWindow(budget);
  const standsStill = (): void => {
    const { grown } = budget;
    const size = INITIAL_WINDOW_BYTES + grown;
    window.receive(size - (now === 0 ? 0 : 1));
    window.consume(size);
    window.senderWaits();
    now += 100;
    window.receive(1);
  };
  for (let times = 0; times < 10; times += 1) standsStill();
  return INITIAL_WINDOW_BYTES + budget.grown;
}

test.each([
  ["whose shortest round trip was short, whatever the others were", [50, 1.9, 50, 50], MAX_LONE_STREAM_WINDOW_BYTES],
  ["whose round trips were all long", [50, 2, 50, 50], MAX_WINDOW_BYTES],
])("the window of a path %s", (_, tripsMs, largest) => {
  expect(largestWindow(tripsMs)).toBe(largest);
});

test("a short path's windows are smaller while there is more than one stream, and for a second after", () => {
  let now = 0;
  const budget = budgetOf(() => now, [1]);
  const window = new ReceiveWindow(budget);
  expect(budget.limit).toBe(MAX_LONE_STREAM_WINDOW_BYTES);
  const other = new ReceiveWindow(budget);
  expect(budget.limit).toBe(MAX_SHORT_PATH_WINDOW_BYTES);
  now = 10_000;
  expect(budget.limit).toBe(MAX_SHORT_PATH_WINDOW_BYTES);
  other.close();
  now += LONE_AFTER_MS - 1;
  expect(budget.limit).toBe(MAX_SHORT_PATH_WINDOW_BYTES);
  now += 1;
  expect(budget.limit).toBe(MAX_LONE_STREAM_WINDOW_BYTES);
  window.close();
  // One after another was never together.
  budget.opened();
  expect(budget.limit).toBe(MAX_LONE_STREAM_WINDOW_BYTES);
});

test("a window that has grown is refilled to what it may have now", () => {
  let now = 0;
  const budget = budgetOf(() => now, [1]);
  const window = new ReceiveWindow(budget);
  let granted = INITIAL_WINDOW_BYTES;
  /** The sender uses up all that it has, and the consumer takes it: what it is granted then is its window. */
  const useUp = (): number => {
    window.receive(granted);
    granted = window.senderWaits() + window.consume(granted);
    now += 100;
    return granted;
  };
  for (let times = 0; times < 10; times += 1) useUp();
  expect(useUp()).toBe(MAX_LONE_STREAM_WINDOW_BYTES);
  const other = new ReceiveWindow(budget);
  expect(useUp()).toBe(MAX_SHORT_PATH_WINDOW_BYTES);
  other.close();
  now += LONE_AFTER_MS;
  expect(useUp()).toBe(MAX_LONE_STREAM_WINDOW_BYTES);
});

test.each([
  [11.9, MAX_LONE_STREAM_WINDOW_BYTES],
  [12, MAX_WINDOW_BYTES],
])("a round trip is from a grant, here at 10 ms, to the first byte that was sent for it, at %d ms", (at, limit) => {
  let now = 0;
  const budget = budgetOf(() => now, [100, 100]);
  const window = new ReceiveWindow(budget);
  const half = INITIAL_WINDOW_BYTES / 2;
  window.receive(half);
  now = 10;
  expect(window.consume(half)).toBe(half);
  // The first window's second half says nothing of the grant.
  now = 10.5;
  window.receive(half);
  expect(budget.limit).toBe(MAX_LONE_STREAM_WINDOW_BYTES);
  now = at;
  window.receive(1);
  expect(budget.limit).toBe(limit);
});
