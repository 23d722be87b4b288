import { expect, test } from "vitest";
import { formatLineTime } from "./line-time.ts";
import { parseWhen } from "./when.ts";

const NOW = Date.parse("2026-05-01T10:00:00Z");

test.each([
  ["15m", NOW - 900_000],
  ["1h 30m", NOW - 5_400_000],
  ["2D", NOW - 172_800_000],
  ["2026-05-01T09:00:00Z", NOW - 3_600_000],
  ["2026-05-01T11:00:00.5+02:00", NOW - 3_600_000 + 500],
  ["2026-05-01 09:00", Date.parse("2026-05-01T09:00")],
  ["2026-05-01", Date.parse("2026-05-01T00:00")],
  [" ", undefined],
])("%j is a time", (text, expected) => {
  expect(parseWhen(text, NOW)).toBe(expected);
});

test.each(["15", "soon", "2026-13-01", "1h ago", "10:20"])("%j is none, and is said so", (text) => {
  const when = parseWhen(text, NOW);
  expect(when).toBeInstanceOf(Error);
  expect(String(when)).toContain(JSON.stringify(text));
});

test("times before lines", () => {
  const micros = NOW * 1000 + 7_000;
  expect(formatLineTime(micros, "utc", NOW)).toEqual(["05-01", "10:00:00.007Z"]);
  expect(formatLineTime(micros, "relative", NOW + 60_007)).toEqual(["", "1 min ago"]);
});
