import { describe, expect, it } from "vitest";
import { findGaps } from "./gaps.ts";
import { rollUp, rollupStart } from "./rollup.ts";
import { MAX_SAMPLE_AGE_S, MAX_SAMPLE_AHEAD_S, sampleTime } from "./sample-time.ts";

describe("sampleTime", () => {
  const now = 1_766_816_485.75;
  const whole = 1_766_816_485;

  it.each([
    ["seconds", whole - 10, whole - 10],
    ["milliseconds", (whole - 10) * 1e3 + 999, whole - 10],
    ["microseconds", (whole - 10) * 1e6, whole - 10],
    ["nanoseconds", (whole - 10) * 1e9, whole - 10],
    ["a fraction", whole - 9.5, whole - 10],
    ["the oldest", whole - MAX_SAMPLE_AGE_S + 1, whole - MAX_SAMPLE_AGE_S + 1],
    ["the newest", whole + MAX_SAMPLE_AHEAD_S, whole + MAX_SAMPLE_AHEAD_S],
  ])("takes %s", (_, timestamp, at) => expect(sampleTime(timestamp, now)).toEqual({ at, shifted: false }));

  it.each([
    0,
    -5,
    5,
    whole - MAX_SAMPLE_AGE_S - 1,
    whole + MAX_SAMPLE_AHEAD_S + 1,
    5e11,
    Infinity,
    -Infinity,
    NaN,
    1e300,
  ])("puts %d to the hub's time", (timestamp) =>
    expect(sampleTime(timestamp, now)).toEqual({ at: whole, shifted: true }),
  );
});

describe("rollUp", () => {
  it("means what can be meant, over the samples that have it; of the rest it takes the last", () => {
    const rolled = rollUp([
      { cpuUsage: 10, memoryUsed: 100, memoryTotal: 1000, networkRxBytes: 5, uptime: 1, cpuCores: 2 },
      { cpuUsage: 20, memoryTotal: 1000, networkRxBytes: 50, uptime: 31, cpuCores: 4 },
      { cpuUsage: 0, memoryUsed: 300, diskFree: 7, networkRxBytes: 500 },
    ]);
    expect(rolled).toEqual({
      cpuUsage: 10,
      memoryUsed: 200,
      memoryTotal: 1000,
      diskFree: 7,
      networkRxBytes: 500,
      uptime: 31,
      cpuCores: 4,
    });
    expect(rollUp([{}])).toEqual({});
  });

  it("begins at whole five minutes", () => {
    expect([0, 1, 299, 300, 599].map(rollupStart)).toEqual([0, 0, 0, 300, 300]);
  });
});

describe("findGaps", () => {
  const at = (...times: number[]) => times.map((at) => ({ at, metrics: {} }));

  it("finds spans of more than three usual distances, at the edges too", () => {
    expect(findGaps(at(100, 130, 160, 190, 400, 430), 0, 600, 30)).toEqual([
      { from: 0, to: 100 },
      { from: 190, to: 400 },
      { from: 430, to: 600 },
    ]);
    expect(findGaps(at(30, 60, 150), 0, 160, 30)).toEqual([]);
  });

  it("goes by the distances that there are, and by the usual one where there are too few", () => {
    const slow = at(0, 120, 240, 360, 480);
    expect(findGaps(slow, 0, 500, 30)).toEqual([]);
    expect(findGaps(at(0, 120), 0, 120, 30)).toEqual([{ from: 0, to: 120 }]);
    expect(findGaps([], 0, 3600, 30)).toEqual([{ from: 0, to: 3600 }]);
    expect(findGaps([], 0, 60, 30)).toEqual([]);
  });
});
