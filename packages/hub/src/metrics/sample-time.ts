/** Agents keep an hour of what they could not send; a day is what is kept in full. What is older comes from a wrong clock. */
export const MAX_SAMPLE_AGE_S = 24 * 3600;
/** Clocks of hosts differ by seconds, seldom by minutes. */
export const MAX_SAMPLE_AHEAD_S = 5 * 60;

/**
 * The time of a sample in whole Unix seconds. Milliseconds, micro- and nanoseconds are brought to seconds. A time that
 * cannot be (`shifted`) is that of a host with a wrong clock, and its sample is about now: it gets the hub's time.
 *
 * @param nowSeconds the hub's time.
 */
export function sampleTime(timestamp: number, nowSeconds: number): { at: number; shifted: boolean } {
  let at = Number.isFinite(timestamp) ? timestamp : 0;
  // Seconds stay below 1e11 until the year 5138.
  while (at > 1e11) at /= 1000;
  at = Math.floor(at);
  const possible = at >= nowSeconds - MAX_SAMPLE_AGE_S && at <= nowSeconds + MAX_SAMPLE_AHEAD_S;
  return possible ? { at, shifted: false } : { at: Math.floor(nowSeconds), shifted: true };
}
