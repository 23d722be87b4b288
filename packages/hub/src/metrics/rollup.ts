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
export class Rollup {
  readonly #sums = new Map<keyof HostMetrics, { sum: number; count: number; last: number }>();

  /** Takes a sample, in time order. */
  add(sample: HostMetrics): void {
    for (const [name, figure] of Object.entries(sample) as [keyof HostMetrics, number][]) {
      const entry = this.#sums.get(name);
      if (entry) {
        entry.sum += figure;
        entry.count += 1;
        entry.last = figure;
      } else this.#sums.set(name, { sum: figure, count: 1, last: figure });
    }
  }

  get figures(): HostMetrics {
    const rolled: HostMetrics = {};
    for (const [name, { sum, count, last }] of this.#sums) rolled[name] = AVERAGED.has(name) ? sum / count : last;
    return rolled;
  }
}

/** The figures of all samples as one. */
export function rollUp(samples: readonly HostMetrics[]): HostMetrics {
  const rollup = new Rollup();
  for (const sample of samples) rollup.add(sample);
  return rollup.figures;
}
