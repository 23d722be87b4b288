import { expect, test } from "vitest";
import { summarizeChart } from "./chart-summary.ts";
import { formatTick, formatValue, tickSteps } from "./chart-unit.ts";

test("a chart in words", () => {
  const series = [
    {
      label: "attic",
      points: [
        { at: 10, value: 5 },
        { at: 20, value: 88 },
        { at: 30, value: 12 },
      ],
      gaps: [
        { from: 21, to: 29 },
        { from: 100, to: 200 },
      ],
    },
    { label: "cellar", points: [] },
  ];
  const text = summarizeChart("CPU", "percent", series, { from: 0, to: 60 }, 2);
  expect(text).toContain("attic: last 12 %, from 5.0 % to 88 %, the greatest at");
  expect(text).toContain("with 1 gap.");
  expect(text).toContain("cellar: no figures. 2 events marked.");
});

test("figures and marks of axes", () => {
  expect(formatValue(null, "bytes")).toBe("–");
  expect(formatValue(1536, "bytesPerSecond")).toBe("1.5 KiB/s");
  expect(formatTick(1024 ** 3, "bytes")).toBe("1 GiB");
  expect(formatTick(0.25, "percent")).toBe("0.25 %");
  expect(tickSteps("count")).toBeUndefined();
  expect(tickSteps("bytes")).toContain(1024 ** 2);
});
