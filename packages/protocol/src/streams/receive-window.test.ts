import { expect, test } from "vitest";
import { INITIAL_WINDOW_BYTES } from "../limits.ts";
import { ReceiveWindow, WindowBudget } from "./receive-window.ts";

/** A sender uses its window up in 100 ms, its consumer takes all of it, and the next bytes come so much later. */
function windowAfterStandstill(standstillMs: number): WindowBudget {
  let now = 0;
  const budget = new WindowBudget(() => now);
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
  const budget = new WindowBudget(() => now);
  const window = new ReceiveWindow(budget);
  window.receive(INITIAL_WINDOW_BYTES);
  window.senderWaits();
  now = 1_000;
  window.consume(INITIAL_WINDOW_BYTES);
  now = 1_010;
  window.receive(1);
  expect(budget.grown).toBe(0);
});
