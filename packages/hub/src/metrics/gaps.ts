/** Seconds without a sample, in multiples of the usual distance, that make a gap: one late sample makes none. */
const GAP_INTERVALS = 3;

/**
 * Spans between `from` and `to` (Unix seconds) without figures, from the last point before to the first after.
 *
 * @param defaultIntervalS distance of points where there are too few to tell.
 */
export function findGaps(
  points: readonly { readonly at: number }[],
  from: number,
  to: number,
  defaultIntervalS: number,
): { from: number; to: number }[] {
  const times = [from, ...points.map(({ at }) => at), to];
  const limit = GAP_INTERVALS * usualInterval(points, defaultIntervalS);
  const gaps: { from: number; to: number }[] = [];
  for (let index = 1; index < times.length; index += 1) {
    const start = times[index - 1] ?? 0;
    const end = times[index] ?? 0;
    if (end - start > limit) gaps.push({ from: start, to: end });
  }
  return gaps;
}

/** The median of the distances: outages do not move it. */
function usualInterval(points: readonly { readonly at: number }[], defaultIntervalS: number): number {
  const distances: number[] = [];
  for (let index = 1; index < points.length; index += 1) {
    distances.push((points[index]?.at ?? 0) - (points[index - 1]?.at ?? 0));
  }
  if (distances.length < 3) return defaultIntervalS;
  distances.sort((a, b) => a - b);
  return distances[Math.floor(distances.length / 2)] ?? defaultIntervalS;
}
