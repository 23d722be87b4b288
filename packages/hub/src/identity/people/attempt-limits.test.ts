import { expect, test } from "vitest";
import { AttemptLimits } from "./attempt-limits.ts";

const key = { key: "password of ada", free: 3 };

function waitSeconds(limits: AttemptLimits, now: number, keys = [key]): number {
  try {
    limits.begin(keys, now);
    return 0;
  } catch (error) {
    return (error as { details: { retryAfterSeconds: number } }).details.retryAfterSeconds;
  }
}

test("a few failures are free, then each doubles the wait, up to a quarter of an hour", () => {
  const limits = new AttemptLimits();
  let now = 0;
  expect([1, 2, 3].map(() => waitSeconds(limits, now))).toEqual([0, 0, 0]);
  const waits: number[] = [];
  for (let failure = 0; failure < 12; failure += 1) {
    const wait = waitSeconds(limits, now);
    waits.push(wait);
    now += wait * 1000;
    expect(waitSeconds(limits, now)).toBe(0);
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
});

test("many attempts at once get no further than one after the other", () => {
  const limits = new AttemptLimits();
  expect(Array.from({ length: 100 }, () => waitSeconds(limits, 0)).filter((wait) => wait === 0)).toHaveLength(3);
});

test("a good one, and an hour of quiet, start anew; one without a decision is taken back", () => {
  const limits = new AttemptLimits();
  const fail = (): void => {
    for (let time = 0; time < 3; time += 1) limits.begin([key], 0);
  };
  fail();
  limits.succeeded([key]);
  expect(waitSeconds(limits, 0)).toBe(0);
  limits.succeeded([key]);
  fail();
  expect(waitSeconds(limits, 3_600_000)).toBe(0);
  limits.succeeded([key]);
  fail();
  limits.takeBack([key]);
  expect(waitSeconds(limits, 0)).toBe(0);
});

test("the wait is counted from the end of the attempt", () => {
  const limits = new AttemptLimits();
  for (let time = 0; time < 3; time += 1) limits.begin([key], 0);
  limits.failed([key], 5_000);
  expect(waitSeconds(limits, 5_100)).toBe(1);
  expect(waitSeconds(limits, 6_000)).toBe(0);
});

test("one key that waits stops the attempt, and the other is not counted", () => {
  const limits = new AttemptLimits();
  const address = { key: "from 192.0.2.1", free: 2 };
  for (let time = 0; time < 3; time += 1) limits.begin([key], 0);
  for (let time = 0; time < 5; time += 1) expect(waitSeconds(limits, 0, [key, address])).toBe(1);
  expect(waitSeconds(limits, 0, [address])).toBe(0);
});

test("it does not grow without end", () => {
  const limits = new AttemptLimits();
  for (let index = 0; index < 25_000; index += 1) limits.begin([{ key: `password of ${index}`, free: 3 }], 0);
  expect(limits.size).toBe(20_000);
});
