import type { ChartSpan } from "../../ui/chart-data.ts";

/** Figures at a time, Unix seconds. */
export interface Reading<Figures> {
  readonly at: number;
  readonly metrics: Figures;
}

/** What the hub answers of a span. */
export interface ReadSeries<Figures> {
  readonly resolution: "full" | "5m";
  readonly points: readonly Reading<Figures>[];
  readonly gaps: readonly ChartSpan[];
}

export interface Course<Figures> {
  readonly points: readonly Reading<Figures>[];
  readonly gaps: readonly ChartSpan[];
  /** Between two readings further apart than this nothing is known. */
  readonly maxStepS: number;
}

/** So many usual distances without a reading are a gap, as the hub counts; and never less than this, of agents that send often. */
const GAP_INTERVALS = 3;
const MIN_GAP_S = 30;
const ROLLUP_S = 300;
const USUAL_S = 30;

/** Live readings kept of one series: a day of one every 5 s, as many as the hub answers with. */
const MAX_LIVE = 20_000;

/** The live readings with those that are newer; the same array when none is. */
export function addLive<Figures>(
  live: readonly Reading<Figures>[],
  newer: readonly Reading<Figures>[],
): readonly Reading<Figures>[] {
  const last = live.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  const added = newer.filter(({ at }) => at > last);
  return added.length === 0 ? live : [...live, ...added].slice(-MAX_LIVE);
}

/**
 * What was read of the past and what came since, as one course. The hub tells the gaps of the past; what follows its last reading is
 * looked at here, up to `now` where the course goes on (a host that has fallen silent has a gap that grows).
 */
export function joinCourse<Figures>(
  read: ReadSeries<Figures> | undefined,
  live: readonly Reading<Figures>[],
  span: ChartSpan,
  goesOn: boolean,
): Course<Figures> {
  const past = read?.points ?? [];
  const lastPast = past.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  const since = goesOn ? live.filter(({ at }) => at > lastPast && at >= span.from) : [];
  const points = since.length === 0 ? past : [...past, ...since];
  const maxStepS = stepLimit(past, read?.resolution);
  const gaps = (read?.gaps ?? []).filter(({ from }) => !goesOn || from < lastPast || past.length === 0);
  if (!goesOn || past.length === 0)
    return { points, gaps: since.length === 0 ? gaps : beforeFirst(gaps, since), maxStepS };
  const times = [lastPast, ...since.map(({ at }) => at), span.to];
  const later = times.flatMap((to, index): ChartSpan[] => {
    const from = times[index - 1];
    return from !== undefined && to - from > maxStepS ? [{ from, to }] : [];
  });
  return { points, gaps: [...gaps, ...later], maxStepS };
}

/** Nothing was read of the past: its gap ends with the first reading. */
function beforeFirst<Figures>(gaps: readonly ChartSpan[], since: readonly Reading<Figures>[]): ChartSpan[] {
  const first = since[0]?.at ?? Number.POSITIVE_INFINITY;
  return gaps.map(({ from, to }) => ({ from, to: Math.min(to, first) })).filter(({ from, to }) => to > from);
}

function stepLimit(points: readonly Reading<unknown>[], resolution: "full" | "5m" | undefined): number {
  if (resolution === "5m") return GAP_INTERVALS * ROLLUP_S;
  const distances = points.slice(1).map(({ at }, index) => at - (points[index]?.at ?? at));
  if (distances.length < 3) return GAP_INTERVALS * USUAL_S;
  distances.sort((a, b) => a - b);
  return Math.max(MIN_GAP_S, GAP_INTERVALS * (distances[Math.floor(distances.length / 2)] ?? USUAL_S));
}
