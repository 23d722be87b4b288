import type { ContainerFigures } from "@fairlead/protocol/rest";
import { expect, test } from "vitest";
import { type FigureSample, packSamples, unpackSamples } from "./packed-samples.ts";
import { rollUpSamples } from "./roll-up-figures.ts";

const START = 1_769_860_800;

const full = (step: number): ContainerFigures => ({
  cpuPercent: 12.34 + step,
  memoryBytes: 300_000_000 - step * 4096,
  memoryLimitBytes: 8_000_000_000,
  pids: 30 - step,
  networkRxBytes: step * 1e6,
  networkTxBytes: step,
  blockReadBytes: 0,
  blockWriteBytes: 2 ** 51 + step,
});

test.each<[string, FigureSample[]]>([
  ["none", []],
  ["whole ones", [0, 1, 2, 3].map((step) => ({ at: START + 60 * step, figures: full(step) }))],
  [
    "ones with figures that come and go",
    [
      { at: START, figures: { pids: 4 } },
      { at: START + 299, figures: {} },
      { at: START + 300, figures: { cpuPercent: 0, pids: 5, networkRxBytes: 127 } },
      { at: START + 5000, figures: { cpuPercent: 6400, networkRxBytes: 128 } },
    ],
  ],
])("packs and unpacks %s", (_what, samples) => {
  expect(unpackSamples(START, packSamples(START, samples))).toEqual(samples);
});

test("a figure that cannot be stored is left out, and the others stay", () => {
  const samples = [{ at: START, figures: { pids: 1, memoryLimitBytes: 2 ** 60 } }];
  expect(unpackSamples(START, packSamples(START, samples))).toEqual([{ at: START, figures: { pids: 1 } }]);
});

test("a container at work takes few bytes", () => {
  const day = Array.from({ length: 1440 }, (_, minute) => ({
    at: START + 60 * minute,
    figures: {
      cpuPercent: 5 + (minute % 7),
      memoryBytes: 300_000_000 + ((minute * 7919) % 5000) * 1000,
      memoryLimitBytes: 8_000_000_000,
      pids: 30,
      networkRxBytes: minute * 1_000_003,
      networkTxBytes: minute * 300_007,
      blockReadBytes: 40_960,
      blockWriteBytes: minute * 40_960,
    },
  }));
  expect(packSamples(START, day).length / day.length).toBeLessThan(22);
});

test("rolls up 5 minutes each: means of CPU and memory, the last of the rest", () => {
  const samples = [
    { at: START, figures: { cpuPercent: 10, memoryBytes: 100, networkRxBytes: 5, pids: 1 } },
    { at: START + 299, figures: { cpuPercent: 20, memoryBytes: 201, networkRxBytes: 50 } },
    { at: START + 300, figures: { pids: 3 } },
  ];
  expect(rollUpSamples(samples)).toEqual([
    { at: START, figures: { cpuPercent: 15, memoryBytes: 151, networkRxBytes: 50, pids: 1 } },
    { at: START + 300, figures: { pids: 3 } },
  ]);
});
