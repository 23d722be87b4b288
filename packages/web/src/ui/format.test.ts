import { expect, test } from "vitest";
import {
  count,
  formatAge,
  formatBytes,
  formatDuration,
  formatPercent,
  formatTime,
  localTime,
  shortId,
  withLocalTimes,
} from "./format.ts";

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1536, "1.5 KiB"],
  [10 * 1024 ** 3, "10.0 GiB"],
  [150 * 1024 ** 2, "150 MiB"],
  [Number.NaN, "–"],
])("%d bytes", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test.each([
  [0, "0 s"],
  [8_400, "8 s"],
  [12 * 60_000, "12 min"],
  [12 * 60_000 + 30_000, "12 min"],
  [3 * 3_600_000 + 5 * 60_000, "3 h 5 min"],
  [76 * 3_600_000, "3 d 4 h"],
  [24 * 3_600_000, "1 d"],
])("%d ms", (ms, text) => expect(formatDuration(ms)).toBe(text));

test("ages, percents, counts and ids", () => {
  expect(formatAge(0, 2_000)).toBe("now");
  expect(formatAge(0, 120_000)).toBe("2 min ago");
  expect(formatAge(3_600_000, 0)).toBe("in 1 h");
  expect(formatPercent(3.21)).toBe("3.2 %");
  expect(formatPercent(42.6)).toBe("43 %");
  expect(count(1, "container")).toBe("1 container");
  expect(count(1_200, "container")).toBe("1,200 containers");
  expect(shortId("sha256:0123456789abcdef")).toBe("0123456789ab");
});

test("a message's times are local, and the rest of it stays", () => {
  const at = "2026-11-28T16:38:52.592Z";
  expect(withLocalTimes(`not connected since ${at}. See v1.2T3.`)).toBe(
    `not connected since ${formatTime(Date.parse(at))}. See v1.2T3.`,
  );
});

test("a time as the browser's own field has it", () => {
  expect(Date.parse(localTime(1_767_225_600_000))).toBe(1_767_225_600_000);
});
