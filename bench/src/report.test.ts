import { expect, test } from "vitest";
import { type Figure, isMet, median, percentile } from "./report.ts";

const figure = (value: number, budget: Figure["budget"], reference?: number): Figure => ({
  name: "a figure",
  unit: "ms",
  value,
  ...(budget === undefined ? {} : { budget }),
  ...(reference === undefined ? {} : { reference: { name: "direct", value: reference } }),
});

test.each<[what: string, figure: Figure, met: boolean]>([
  ["no budget", figure(1e9, undefined), true],
  ["at most, met", figure(10, { atMost: 10 }), true],
  ["at most, missed", figure(10.1, { atMost: 10 }), false],
  ["at least, met", figure(40, { atLeast: 40 }), true],
  ["at least, missed", figure(39.9, { atLeast: 40 }), false],
  ["ratio at most, met", figure(15, { ratioAtMost: 1.5 }, 10), true],
  ["ratio at most, missed", figure(15.1, { ratioAtMost: 1.5 }, 10), false],
  ["ratio at least, met", figure(18, { ratioAtLeast: 1.8 }, 10), true],
  ["ratio at least, missed", figure(17.9, { ratioAtLeast: 1.8 }, 10), false],
  ["value met, ratio missed", figure(9, { atMost: 10, ratioAtMost: 5 }, 1), false],
  ["ratio met, value missed", figure(11, { atMost: 10, ratioAtMost: 5 }, 10), false],
  ["a ratio without a reference", figure(1, { ratioAtMost: 5 }), false],
  ["nothing was measured", figure(Number.NaN, { atMost: 10 }), false],
  ["it never ended", figure(Number.POSITIVE_INFINITY, { atMost: 10 }), false],
])("budgets: %s", (_what, figure, met) => {
  expect(isMet(figure)).toBe(met);
});

test("percentiles are samples", () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([median(samples), percentile(samples, 0.99), percentile(samples, 1)]).toEqual([51, 100, 100]);
  expect(median([3, 1, 2])).toBe(2);
  expect(median([])).toBeNaN();
});
