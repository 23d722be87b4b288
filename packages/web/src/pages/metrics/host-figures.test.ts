import { expect, test } from "vitest";
import { hostCharts } from "./host-figures.ts";

const course = (...memory: (number | undefined)[]) => ({
  gaps: [{ from: 1, to: 2 }],
  maxStepS: 60,
  points: memory.map((memoryUsed, index) => ({
    at: index * 10,
    metrics: {
      cpuUsage: index,
      memoryTotal: 200,
      networkRxBytes: index === 2 ? 0 : index * 100,
      ...(memoryUsed === undefined ? {} : { memoryUsed }),
    },
  })),
});

test("one host is drawn in its own units, up to what it has", () => {
  const charts = hostCharts([{ name: "attic", course: course(50, undefined, 100) }]);
  expect(charts.map(({ title }) => title)).toEqual(["CPU", "Memory", "Disk", "Network"]);
  expect(charts[1]).toMatchObject({ unit: "bytes", max: 200 });
  expect(charts[1]?.series[0]?.points.map(({ value }) => value)).toEqual([50, null, 100]);
  expect(charts[2]).not.toHaveProperty("max");
  // The counter began anew: no rate, and no spike.
  expect(charts[3]?.series[0]?.points.map(({ value }) => value)).toEqual([10, null]);
  expect(charts[3]?.series[1]?.points.map(({ value }) => value)).toEqual([null, null]);
});

test("several hosts are compared in percent, each with its gaps", () => {
  const charts = hostCharts([
    { name: "attic", course: course(50) },
    { name: "cellar", course: course(100) },
  ]);
  const memory = charts.find(({ title }) => title === "Memory");
  expect(memory?.series.map(({ label, points, gaps }) => [label, points[0]?.value, gaps?.length])).toEqual([
    ["attic", 25, 1],
    ["cellar", 50, 1],
  ]);
  expect(charts).toHaveLength(5);
});
