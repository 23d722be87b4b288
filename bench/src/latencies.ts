import { setTimeout as sleep } from "node:timers/promises";

/** A round that is not over by then is lost. */
const LIMIT_MS = 60_000;

/**
 * The milliseconds that each of `count` calls took, one after another.
 * Those that are not answered within a minute altogether count as endless: a tunnel that stands still must not look fast.
 */
export async function latencies(count: number, call: () => Promise<void>, pauseMs = 0): Promise<number[]> {
  const samples: number[] = [];
  const abort = new AbortController();
  const limit = sleep(LIMIT_MS, "over" as const, { signal: abort.signal }).catch(() => "over" as const);
  while (samples.length < count) {
    const start = performance.now();
    if ((await Promise.race([call(), limit])) === "over") break;
    samples.push(performance.now() - start);
    if (pauseMs > 0) await sleep(pauseMs);
  }
  abort.abort();
  return [...samples, ...Array<number>(count - samples.length).fill(Number.POSITIVE_INFINITY)];
}
