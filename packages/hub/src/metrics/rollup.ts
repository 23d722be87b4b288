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
  const sums = new Map<keyof HostMetrics, { sum: number; count: number; last: number }>();
  for (const sample of samples) {
    for (const [name, figure] of Object.entries(sample) as [keyof HostMetrics, number][]) {
      const entry = sums.get(name) ?? { sum: 0, count: 0, last: figure };
      entry.sum += figure;
      entry.count += 1;
      entry.last = figure;
      sums.set(name, entry);
    }
  }
  const rolled: HostMetrics = {};
  for (const [name, { sum, count, last }] of sums) rolled[name] = AVERAGED.has(name) ? sum / count : last;
  return rolled;
}
