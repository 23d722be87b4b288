import type { HostMetrics } from "@fairlead/protocol";

/** Seconds of one rollup. */
export const ROLLUP_SECONDS = 300;

/** Start of the rollup that a time (Unix seconds) belongs to. */
export function rollupStart(at: number): number {
  return at - (at % ROLLUP_SECONDS);
}

/** Figures whose mean says something. Of counters and sizes that only step, the last one does: rates come from differences. */
const AVERAGED: ReadonlySet<keyof HostMetrics> = new Set([
  "cpuUsage",
  "memoryUsed",
  "memoryFree",
  "diskUsed",
  "diskFree",
]);

/** One figure for many: means over the samples that have it, or the last. What no sample has is absent. */
export function rollUp(samples: readonly HostMetrics[]): HostMetrics {
  return rollUpFigures(samples, AVERAGED);
}

/** As `rollUp`, of whatever figures. @param averaged those whose mean counts; of the others the last one does. */
export function rollUpFigures<Figures extends Readonly<Record<string, number>>>(
  samples: readonly Partial<Figures>[],
  averaged: ReadonlySet<keyof Figures>,
): Partial<Figures> {
  const sums = new Map<keyof Figures, { sum: number; count: number; last: number }>();
  for (const sample of samples) {
    for (const [name, figure] of Object.entries(sample) as [keyof Figures, number][]) {
      const entry = sums.get(name) ?? { sum: 0, count: 0, last: figure };
      entry.sum += figure;
      entry.count += 1;
      entry.last = figure;
      sums.set(name, entry);
    }
  }
  return Object.fromEntries(
    [...sums].map(([name, { sum, count, last }]) => [name, averaged.has(name) ? sum / count : last]),
  ) as Partial<Figures>;
}
