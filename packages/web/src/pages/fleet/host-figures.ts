import type { MetricsPoint } from "@fairlead/protocol/rest";

type Metrics = MetricsPoint["metrics"];

/** What a host is full of, in percent of what it has; undefined where it does not say. */
export interface HostPercents {
  readonly cpu: number | undefined;
  readonly memory: number | undefined;
  readonly disk: number | undefined;
}

export function percentsOf(metrics: Metrics): HostPercents {
  return {
    cpu: metrics.cpuUsage,
    memory: percent(metrics.memoryUsed, metrics.memoryTotal),
    disk: percent(metrics.diskUsed, metrics.diskTotal),
  };
}

function percent(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole <= 0 ? undefined : (part / whole) * 100;
}

/** Agents tell their figures every 30 s; several times that without any, and the last ones are old. */
const FRESH_MS = 3 * 60_000;

export function isFresh(point: MetricsPoint, now: number): boolean {
  return now - point.at * 1000 <= FRESH_MS;
}

const HOUR_MS = 3_600_000;
/** Buckets of a sparkline of an hour: two minutes each, so that one that is a little late leaves no hole. */
const BUCKETS = 30;

/** The last hour in even steps, oldest first: the mean of each step, undefined where there was none. */
export function lastHour(
  points: readonly MetricsPoint[],
  now: number,
  pick: (metrics: Metrics) => number | undefined,
): readonly (number | undefined)[] {
  const sums = Array.from({ length: BUCKETS }, () => ({ sum: 0, count: 0 }));
  for (const { at, metrics } of points) {
    // Hosts' clocks may be a little ahead.
    const age = Math.max(0, now - at * 1000);
    const bucket = sums[BUCKETS - 1 - Math.floor((age / HOUR_MS) * BUCKETS)];
    const value = pick(metrics);
    if (bucket === undefined || value === undefined) continue;
    bucket.sum += value;
    bucket.count += 1;
  }
  return sums.map(({ sum, count }) => (count === 0 ? undefined : sum / count));
}
