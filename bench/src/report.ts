/** One measured figure, with what it is compared to and the least that is asked of it. */
export interface Figure {
  readonly name: string;
  /** What was measured. */
  readonly value: number;
  readonly unit: string;
  /** The same on the direct socket in the same run; the ratio is `value / direct`. */
  readonly direct?: number;
  /** At most this (or at least, for rates). In the unit of `value`. */
  readonly budget?: { readonly atMost: number } | { readonly atLeast: number };
}

/** The value at `fraction` (0-1) of the sorted samples. */
export function percentile(samples: readonly number[], fraction: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

/** Prints the figures as a Markdown table; true when every budget is met. */
export function report(figures: readonly Figure[]): boolean {
  const rows = figures.map((figure) => {
    const { name, value, unit, direct, budget } = figure;
    return [
      name,
      `${round(value)} ${unit}`,
      direct === undefined ? "" : `${round(direct)} ${unit}`,
      direct === undefined ? "" : `${round(value / direct)}×`,
      budget === undefined ? "" : "atMost" in budget ? `≤ ${budget.atMost} ${unit}` : `≥ ${budget.atLeast} ${unit}`,
      budget === undefined ? "" : isMet(figure) ? "met" : "MISSED",
    ];
  });
  const head = ["figure", "through Fairlead", "direct", "ratio", "budget", ""];
  for (const row of [head, head.map(() => "---"), ...rows]) console.log(`| ${row.join(" | ")} |`);
  return figures.every(isMet);
}

function isMet({ value, budget }: Figure): boolean {
  if (budget === undefined) return true;
  return "atMost" in budget ? value <= budget.atMost : value >= budget.atLeast;
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
