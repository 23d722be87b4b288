import { expect, test } from "vitest";
import { isFresh, lastHour, percentsOf } from "./host-figures.ts";

const NOW = 1_800_000_000_000;
const minutesAgo = (minutes: number, cpuUsage?: number) => ({
  at: NOW / 1000 - minutes * 60,
  metrics: cpuUsage === undefined ? {} : { cpuUsage },
});

test("percents are of what the host has; what it does not say is absent", () => {
  expect(percentsOf({ cpuUsage: 3, memoryUsed: 1, memoryTotal: 4, diskUsed: 9 })).toEqual({
    cpu: 3,
    memory: 25,
    disk: undefined,
  });
  expect(percentsOf({ memoryUsed: 0, memoryTotal: 0 }).memory).toBeUndefined();
});

test("figures get old", () => {
  expect(isFresh(minutesAgo(2), NOW)).toBe(true);
  expect(isFresh(minutesAgo(4), NOW)).toBe(false);
});

test("an hour is told in even steps: means, and holes where nothing was told", () => {
  const points = [minutesAgo(90, 1), minutesAgo(59, 10), minutesAgo(58.5, 20), minutesAgo(1), minutesAgo(-1, 7)];
  const values = lastHour(points, NOW, ({ cpuUsage }) => cpuUsage);
  expect(values).toHaveLength(30);
  expect(values[0]).toBe(15);
  expect(values.at(-1)).toBe(7);
  expect(values.filter((value) => value !== undefined)).toHaveLength(2);
});
