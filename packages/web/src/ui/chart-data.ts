/** A figure at a time (Unix seconds); null: there is none, and the line breaks. */
export interface ChartPoint {
  readonly at: number;
  readonly value: number | null;
}

/** A span, Unix seconds. */
export interface ChartSpan {
  readonly from: number;
  readonly to: number;
}

/** One line of a chart: its points in the order of time, and the spans in which there are none. */
export interface ChartSeries {
  readonly label: string;
  readonly points: readonly ChartPoint[];
  readonly gaps?: readonly ChartSpan[];
}

/** Times, then the figures of each series: null breaks its line, undefined is a time of another series only. */
export type AlignedData = [times: number[], ...values: (number | null | undefined)[][]];

/**
 * At most `limit` of the points, among them the least and the greatest of every part, so that no peak is lost; breaks stay breaks.
 * A point is left out whole or kept as it is: no figure is made up.
 */
export function downsample(points: readonly ChartPoint[], limit: number): readonly ChartPoint[] {
  if (points.length <= limit) return points;
  // Each part gives its first break, its least and its greatest, at most.
  const parts = Math.max(1, Math.floor((limit - 2) / 3));
  const inner = points.length - 2;
  const kept: ChartPoint[] = points[0] ? [points[0]] : [];
  for (let part = 0; part < parts; part += 1) {
    const from = 1 + Math.floor((part * inner) / parts);
    const to = 1 + Math.floor(((part + 1) * inner) / parts);
    kept.push(...extremes(points, from, to));
  }
  const last = points.at(-1);
  if (last && points.length > 1) kept.push(last);
  return kept;
}

function extremes(points: readonly ChartPoint[], from: number, to: number): ChartPoint[] {
  let least = -1;
  let greatest = -1;
  let broken = -1;
  for (let index = from; index < to; index += 1) {
    const value = points[index]?.value ?? null;
    if (value === null) {
      if (broken === -1) broken = index;
      continue;
    }
    if (least === -1 || value < (points[least]?.value ?? 0)) least = index;
    if (greatest === -1 || value > (points[greatest]?.value ?? 0)) greatest = index;
  }
  return [...new Set([least, greatest, broken])]
    .filter((index) => index !== -1)
    .sort((a, b) => a - b)
    .flatMap((index) => points[index] ?? []);
}

/** The points that a span shows, with one before and one after it so that lines go on to its edges. */
export function pointsWithin(points: readonly ChartPoint[], { from, to }: ChartSpan): readonly ChartPoint[] {
  return points.slice(Math.max(0, firstAtOrAfter(points, from) - 1), firstAtOrAfter(points, to) + 1);
}

/** Index of the first point at this time or after it. */
function firstAtOrAfter(points: readonly ChartPoint[], at: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.at ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The points with a break in every gap. */
export function withBreaks(points: readonly ChartPoint[], gaps: readonly ChartSpan[]): readonly ChartPoint[] {
  if (gaps.length === 0) return points;
  const breaks = gaps.map(({ from, to }) => ({ at: (from + to) / 2, value: null }));
  return [...points, ...breaks].sort((a, b) => a.at - b.at);
}

/** The same spans without overlaps, in the order of time: what is shaded twice would say more than it is. */
export function joinSpans(spans: readonly ChartSpan[]): ChartSpan[] {
  const joined: { from: number; to: number }[] = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined;
}

/** All series on one line of times, which begins and ends with the span shown. */
export function alignSeries(series: readonly (readonly ChartPoint[])[], { from, to }: ChartSpan): AlignedData {
  const times = [...new Set([from, to, ...series.flatMap((points) => points.map(({ at }) => at))])].sort(
    (a, b) => a - b,
  );
  const indexOf = new Map(times.map((at, index) => [at, index]));
  const values = series.map((points) => {
    const row = Array.from<number | null | undefined>({ length: times.length });
    for (const { at, value } of points) row[indexOf.get(at) ?? 0] = value;
    return row;
  });
  return [times, ...values];
}

/** The figure nearest to a time, no further than `withinS` from it. */
export function valueAt(points: readonly ChartPoint[], at: number, withinS: number): number | null {
  const after = firstAtOrAfter(points, at);
  const near = [points[after - 1], points[after]]
    .filter((point) => point !== undefined)
    .sort((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at))[0];
  return near && Math.abs(near.at - at) <= withinS ? near.value : null;
}

/** A counter at a time; absent where it was not told. */
export interface CounterPoint {
  readonly at: number;
  readonly count: number | undefined;
}

/**
 * How fast a counter grew, a second: from each reading to the next. Where it was not read, where it began anew (it is less than before)
 * and over more than `maxStepS` there is no rate: the line breaks.
 */
export function rates(points: readonly CounterPoint[], maxStepS: number): ChartPoint[] {
  const result: ChartPoint[] = [];
  for (let index = 1; index < points.length; index += 1) {
    const before = points[index - 1];
    const now = points[index];
    if (!before || !now) continue;
    const seconds = now.at - before.at;
    const isRate =
      before.count !== undefined &&
      now.count !== undefined &&
      now.count >= before.count &&
      seconds > 0 &&
      seconds <= maxStepS;
    const value = isRate ? ((now.count ?? 0) - (before.count ?? 0)) / seconds : null;
    result.push({ at: now.at, value });
  }
  return result;
}

export interface SeriesFigures {
  readonly least: number;
  readonly mean: number;
  readonly greatest: number;
  readonly greatestAt: number;
  readonly last: number;
}

/** What a series comes to within a span; undefined when it has no figures there. */
export function figuresOf(points: readonly ChartPoint[], { from, to }: ChartSpan): SeriesFigures | undefined {
  let figures: SeriesFigures | undefined;
  let sum = 0;
  let count = 0;
  for (const { at, value } of points) {
    if (value === null || at < from || at > to) continue;
    sum += value;
    count += 1;
    const isGreatest = figures === undefined || value > figures.greatest;
    figures = {
      least: Math.min(figures?.least ?? value, value),
      mean: sum / count,
      greatest: isGreatest ? value : (figures?.greatest ?? value),
      greatestAt: isGreatest ? at : (figures?.greatestAt ?? at),
      last: value,
    };
  }
  return figures;
}
