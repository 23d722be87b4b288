import { expect, test } from "vitest";
import { Downsampling } from "./downsampling.ts";

test("spans have the means and the last values of what is in them, and those with nothing are left out", () => {
  const points = [
    { at: 95, metrics: { cpuUsage: 1, uptime: 1 } },
    { at: 100, metrics: { cpuUsage: 3, uptime: 2 } },
    { at: 109, metrics: { memoryUsed: 10, uptime: 3 } },
    { at: 110, metrics: { cpuUsage: 50 } },
    { at: 139, metrics: { networkRxBytes: 7 } },
  ];
  const downsampling = new Downsampling(100, 10);
  // In pieces, as they are read.
  downsampling.add(points.slice(0, 2));
  downsampling.add(points.slice(2));
  expect(downsampling.points).toEqual([
    { at: 100, metrics: { cpuUsage: 2, memoryUsed: 10, uptime: 3 } },
    { at: 110, metrics: { cpuUsage: 50 } },
    { at: 130, metrics: { networkRxBytes: 7 } },
  ]);
  expect(new Downsampling(100, 10).points).toEqual([]);
});
