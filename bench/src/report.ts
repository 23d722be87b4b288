/** What a figure is compared with: the same thing by another way, in the same run. */
export interface Reference {
  /** For example `direct` (the engine's own socket), `ssh`, `idle`. */
  readonly name: string;
  /** In the unit of the figure. */
  readonly value: number;
}

/** What is asked of a figure; each part that is there must be met. */
export interface Budget {
  /** In the unit of the figure. */
  readonly atMost?: number;
  readonly atLeast?: number;
  /** Of the figure divided by its reference. */
  readonly ratioAtMost?: number;
  readonly ratioAtLeast?: number;
}

/** One measured figure, with what it is compared with and what is asked of it. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly reference?: Reference;
  readonly budget?: Budget;
}

/** The value at `fraction` (0-1) of the sorted samples. */
export function percentile(samples: readonly number[], fraction: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

/** The head of the table (Markdown) that `figureRow` continues. */
export const HEAD_ROWS: readonly string[] = [
  row("figure", "measured", "reference", "ratio", "budget", ""),
  row(...Array<string>(6).fill("---")),
];

/** Prints the head of the table that `report` continues. */
export function reportHead(): void {
  for (const line of HEAD_ROWS) console.log(line);
}

/** Prints the figures as rows of the table; true when every budget is met. */
export function report(figures: readonly Figure[]): boolean {
  for (const figure of figures) console.log(figureRow(figure));
  return figures.every(isMet);
}

/** A figure as a row of the table. */
export function figureRow(figure: Figure): string {
  const { name, value, unit, reference, budget } = figure;
  return row(
    name,
    `${round(value)} ${unit}`,
    reference === undefined ? "" : `${round(reference.value)} ${unit} (${reference.name})`,
    reference === undefined ? "" : `${round(value / reference.value)}×`,
    budget === undefined ? "" : inWords(budget, unit),
    budget === undefined ? "" : isMet(figure) ? "met" : "MISSED",
  );
}

function row(...cells: string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** Whether the figure is within its budget. A value that is no number is not, nor is a ratio without a reference. */
export function isMet({ value, reference, budget = {} }: Figure): boolean {
  const ratio = reference === undefined ? Number.NaN : value / reference.value;
  const { atMost, atLeast, ratioAtMost, ratioAtLeast } = budget;
  return (
    (atMost === undefined || value <= atMost) &&
    (atLeast === undefined || value >= atLeast) &&
    (ratioAtMost === undefined || ratio <= ratioAtMost) &&
    (ratioAtLeast === undefined || ratio >= ratioAtLeast)
  );
}

function inWords({ atMost, atLeast, ratioAtMost, ratioAtLeast }: Budget, unit: string): string {
  const parts = [
    atMost === undefined ? "" : `≤ ${atMost} ${unit}`,
    atLeast === undefined ? "" : `≥ ${atLeast} ${unit}`,
    ratioAtMost === undefined ? "" : `≤ ${ratioAtMost}×`,
    ratioAtLeast === undefined ? "" : `≥ ${ratioAtLeast}×`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function round(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}
