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
export class Rollup<Figures extends Readonly<Record<string, number>> = Required<HostMetrics>> {
  readonly #averaged: ReadonlySet<keyof Figures>;
  readonly #sums = new Map<keyof Figures, { sum: number; count: number; last: number }>();

  /** @param averaged those whose mean counts; of the others the last one does. */
  constructor(averaged: ReadonlySet<keyof Figures> = AVERAGED as ReadonlySet<keyof Figures>) {
    this.#averaged = averaged;
  }

  /** Takes a sample, in time order. */
  add(sample: Partial<Figures>): void {
    for (const [name, figure] of Object.entries(sample) as [keyof Figures, number][]) {
      const entry = this.#sums.get(name);
      if (entry) {
        entry.sum += figure;
        entry.count += 1;
        entry.last = figure;
      } else this.#sums.set(name, { sum: figure, count: 1, last: figure });
    }
  }

  get figures(): Partial<Figures> {
    const rolled = [...this.#sums].map(([name, { sum, count, last }]) => [
      name,
      this.#averaged.has(name) ? sum / count : last,
    ]);
    return Object.fromEntries(rolled) as Partial<Figures>;
  }
}

/** The figures of all samples as one. */
export function rollUp(samples: readonly HostMetrics[]): HostMetrics {
  return rollUpFigures(samples, AVERAGED);
}

/** As `rollUp`, of whatever figures. */
export function rollUpFigures<Figures extends Readonly<Record<string, number>>>(
  samples: readonly Partial<Figures>[],
  averaged: ReadonlySet<keyof Figures>,
): Partial<Figures> {
  const rollup = new Rollup<Figures>(averaged);
  for (const sample of samples) rollup.add(sample);
  return rollup.figures;
}
