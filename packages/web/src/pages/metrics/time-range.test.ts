import { expect, test } from "vitest";
import { parseTimeRange, RANGES, rangeKey, rangeTexts, spanOf } from "./time-range.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");

test("the address names a span up to now, or one that is over", () => {
  expect(spanOf(parseTimeRange({ range: "6h" }), NOW)).toEqual({ from: NOW / 1000 - 21_600, to: NOW / 1000 });
  const fixed = parseTimeRange({ range: "6h", since: "2026-01-01T00:00:00Z", until: "2026-01-02T00:00:00Z" });
  expect(spanOf(fixed, NOW)).toEqual({ from: 1_767_225_600, to: 1_767_312_000 });
});

test.each([
  {},
  { range: "9y" },
  { since: "yesterday", until: "today" },
  { since: "2026-01-02T00:00:00Z", until: "2026-01-01T00:00:00Z" },
  { since: "2026-01-02T00:00:00Z" },
])("%j is the last hour", (texts) => {
  expect(parseTimeRange(texts)).toMatchObject({ kind: "last", name: "1h" });
});

test("what goes into the address comes out again", () => {
  for (const { value } of RANGES) {
    const range = parseTimeRange({ range: value });
    expect(parseTimeRange(rangeTexts(range))).toEqual(range);
  }
  const fixed = { kind: "fixed", from: 1_767_225_600, to: 1_767_312_000 } as const;
  expect(parseTimeRange(rangeTexts(fixed))).toEqual(fixed);
  expect(rangeKey(fixed)).not.toBe(rangeKey(parseTimeRange({})));
});
