import { expect, test, vi } from "vitest";
import { countReadGarbage } from "./read-garbage.ts";

const MIB = 1024 * 1024;

test("the young generation is collected once in 4 MiB of reads", () => {
  const collect = vi.fn<(options: object) => void>();
  vi.stubGlobal("gc", collect);
  for (let read = 0; read < 12 * 16; read += 1) countReadGarbage(MIB / 16);
  expect(collect.mock.calls).toEqual([[{ type: "minor" }], [{ type: "minor" }], [{ type: "minor" }]]);
  vi.unstubAllGlobals();
});

test("without a collector to call nothing happens", () => {
  vi.stubGlobal("gc", undefined);
  countReadGarbage(5 * MIB);
  vi.unstubAllGlobals();
});
