import type { ChartSpan } from "../../ui/chart-data.ts";

export const RANGES = [
  { value: "15m", label: "15 min", seconds: 900 },
  { value: "1h", label: "1 h", seconds: 3_600 },
  { value: "6h", label: "6 h", seconds: 6 * 3_600 },
  { value: "24h", label: "24 h", seconds: 86_400 },
  { value: "7d", label: "7 d", seconds: 7 * 86_400 },
  { value: "30d", label: "30 d", seconds: 30 * 86_400 },
] as const;

export type RangeName = (typeof RANGES)[number]["value"];

/** What an address says of the time that is looked at. */
export interface RangeTexts {
  readonly range?: string | undefined;
  /** ISO 8601; both: a span that is over. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

export type TimeRange =
  /** Up to now, and going on. */
  | { readonly kind: "last"; readonly name: RangeName; readonly seconds: number }
  /** Unix seconds. */
  | ({ readonly kind: "fixed" } & ChartSpan);

const DEFAULT: RangeName = "1h";

/** Texts that are none of a time are taken for the last hour. */
export function parseTimeRange({ range, since, until }: RangeTexts): TimeRange {
  const from = Date.parse(since ?? "") / 1000;
  const to = Date.parse(until ?? "") / 1000;
  if (Number.isFinite(from) && Number.isFinite(to) && from < to) return { kind: "fixed", from, to };
  const found = RANGES.find(({ value }) => value === range) ?? RANGES.find(({ value }) => value === DEFAULT);
  return { kind: "last", name: found?.value ?? DEFAULT, seconds: found?.seconds ?? 3_600 };
}

/** The span as of now. */
export function spanOf(range: TimeRange, nowMs: number): ChartSpan {
  if (range.kind === "fixed") return { from: range.from, to: range.to };
  const to = Math.ceil(nowMs / 1000);
  return { from: to - range.seconds, to };
}

/** The same for the same question: what is cached under. */
export function rangeKey(range: TimeRange): string {
  return range.kind === "last" ? range.name : `${range.from}-${range.to}`;
}

/** What goes into the address. */
export function rangeTexts(range: TimeRange): Required<RangeTexts> {
  return range.kind === "last"
    ? { range: range.name === DEFAULT ? undefined : range.name, since: undefined, until: undefined }
    : { range: undefined, since: isoTime(range.from), until: isoTime(range.to) };
}

export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
