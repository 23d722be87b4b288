import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  alignSeries,
  type ChartPoint,
  downsample,
  figuresOf,
  joinSpans,
  pointsWithin,
  rates,
  valueAt,
  withBreaks,
} from "./chart-data.ts";

const points = (...values: (number | null)[]): ChartPoint[] =>
  values.map((value, index) => ({ at: index * 10, value }));

const anyPoints = fc
  .array(fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -1000, max: 1000 }) }, fc.constant(null)), {
    maxLength: 400,
  })
  .map((values) => points(...values));

describe("downsampling", () => {
  test("keeps the order, the ends, the extremes and breaks, and no more than asked for", () => {
    fc.assert(
      fc.property(anyPoints, fc.integer({ min: 8, max: 100 }), (all, limit) => {
        const kept = downsample(all, limit);
        expect(kept.length).toBeLessThanOrEqual(Math.max(limit, 0));
        const indexes = kept.map((point) => all.indexOf(point));
        expect(indexes).toEqual([...new Set(indexes)].sort((a, b) => a - b));
        expect(indexes).not.toContain(-1);
        if (all.length > 0) expect([kept[0], kept.at(-1)]).toEqual([all[0], all.at(-1)]);
        const values = (of: readonly ChartPoint[]): number[] => of.flatMap(({ value }) => value ?? []);
        if (values(all).length > 0) {
          expect(Math.max(...values(kept))).toBe(Math.max(...values(all)));
          expect(Math.min(...values(kept))).toBe(Math.min(...values(all)));
        }
        expect(kept.some(({ value }) => value === null)).toBe(all.some(({ value }) => value === null));
      }),
    );
  });

  test("a single spike among ten thousand is still there", () => {
    const all = points(...Array.from({ length: 10_000 }, (_, index) => (index === 7_777 ? 99 : 1)));
    expect(downsample(all, 500)).toContainEqual({ at: 77_770, value: 99 });
  });
});

describe("rates of counters", () => {
  const count = (...counts: (number | undefined)[]) => counts.map((value, index) => ({ at: index * 10, count: value }));

  test("are a second's growth", () => {
    expect(rates(count(0, 100, 100, 400), 30)).toEqual([
      { at: 10, value: 10 },
      { at: 20, value: 0 },
      { at: 30, value: 30 },
    ]);
  });

  test("a counter that begins anew, or was not read, breaks the line instead of making a spike", () => {
    expect(rates(count(1_000_000, 5, 15), 30).map(({ value }) => value)).toEqual([null, 1]);
    expect(rates(count(10, undefined, 30, 40), 30).map(({ value }) => value)).toEqual([null, null, 1]);
  });

  test("a long silence has no rate", () => {
    expect(
      rates(
        [
          { at: 0, count: 0 },
          { at: 600, count: 600 },
          { at: 600, count: 700 },
        ],
        90,
      ),
    ).toEqual([
      { at: 600, value: null },
      { at: 600, value: null },
    ]);
  });

  test("are never negative or infinite", () => {
    const reading = fc.record({ at: fc.nat(1000), count: fc.option(fc.nat(), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(reading), (readings) => {
        const sorted = readings.sort((a, b) => a.at - b.at);
        for (const { value } of rates(sorted, 90)) {
          expect(value === null || (Number.isFinite(value) && value >= 0)).toBe(true);
        }
      }),
    );
  });
});

test("series come onto one line of times", () => {
  const aligned = alignSeries([points(1, 2), [{ at: 5, value: null }]], { from: -10, to: 20 });
  expect(aligned).toEqual([
    [-10, 0, 5, 10, 20],
    [undefined, 1, undefined, 2, undefined],
    [undefined, undefined, null, undefined, undefined],
  ]);
});

test("a gap breaks the line between its ends", () => {
  expect(withBreaks(points(1, 2), [{ from: 0, to: 10 }]).map(({ value }) => value)).toEqual([1, null, 2]);
});

test("gaps of several series are shaded once", () => {
  const spans = [
    { from: 50, to: 60 },
    { from: 0, to: 10 },
    { from: 5, to: 20 },
    { from: 7, to: 8 },
    { from: 20, to: 30 },
  ];
  expect(joinSpans(spans)).toEqual([
    { from: 0, to: 30 },
    { from: 50, to: 60 },
  ]);
});

test("a span shows its points and one on each side", () => {
  const all = points(0, 1, 2, 3, 4, 5);
  expect(pointsWithin(all, { from: 15, to: 35 }).map(({ value }) => value)).toEqual([1, 2, 3, 4]);
  expect(pointsWithin(all, { from: -50, to: 500 })).toHaveLength(6);
  expect(pointsWithin([], { from: 0, to: 1 })).toEqual([]);
});

test("the figure at the cursor is the nearest, if it is near", () => {
  const all = points(1, 2, null);
  expect(valueAt(all, 4, 10)).toBe(1);
  expect(valueAt(all, 6, 10)).toBe(2);
  expect(valueAt(all, 19, 10)).toBeNull();
  expect(valueAt(all, 100, 10)).toBeNull();
});

test("the figures of a span", () => {
  expect(figuresOf(points(100, 2, 8, null, 5), { from: 10, to: 40 })).toEqual({
    least: 2,
    mean: 5,
    greatest: 8,
    greatestAt: 20,
    last: 5,
  });
  expect(figuresOf(points(null), { from: 0, to: 40 })).toBeUndefined();
});
