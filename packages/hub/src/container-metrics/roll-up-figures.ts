import type { ContainerFigures } from "@fairlead/protocol/rest";
import { rollUpFigures, rollupStart } from "../metrics/rollup.ts";
import type { FigureSample } from "./packed-samples.ts";

/** Of counters and limits the last one counts: rates come from differences. */
const AVERAGED: ReadonlySet<keyof ContainerFigures> = new Set(["cpuPercent", "memoryBytes"]);

/** One sample for each 5 minutes that have some, at their start. @param samples in the order of time. */
export function rollUpSamples(samples: readonly FigureSample[]): FigureSample[] {
  const groups = Map.groupBy(samples, ({ at }) => rollupStart(at));
  return [...groups].map(([at, group]) => ({
    at,
    figures: rounded(
      rollUpFigures(
        group.map(({ figures }) => figures),
        AVERAGED,
      ),
    ),
  }));
}

function rounded({ memoryBytes, ...figures }: ContainerFigures): ContainerFigures {
  return memoryBytes === undefined ? figures : { ...figures, memoryBytes: Math.round(memoryBytes) };
}
