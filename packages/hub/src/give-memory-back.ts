import type { Logger } from "pino";

/** Looked at this often. A burst is over when nothing changed for one such time. */
const CHECK_INTERVAL_MS = 5_000;

/** Fewer dials leave too little behind to be worth a collection, which stops the hub for some 20 ms, or 100 ms with thousands of agents. */
const WORTHWHILE_DIALS = 200;

/**
 * Gives memory back after a burst of dials. V8 collects when memory is asked for; a fleet that came back at once leaves twice what
 * it needs behind, and then allocates too little for a collection. Needs `node --expose-gc`, as `bin/fairlead` runs it; without, it does nothing.
 *
 * @param dials Counts the agents admitted since the start.
 * @returns a function that stops it
 */
export function giveMemoryBackAfterBursts(dials: () => number, log: Logger): () => void {
  const collect = globalThis.gc;
  if (collect === undefined) return () => {};
  let collectedAt = 0;
  let seen = 0;
  const timer = setInterval(() => {
    const now = dials();
    const isOver = now === seen;
    seen = now;
    if (!isOver || now - collectedAt < WORTHWHILE_DIALS) return;
    collectedAt = now;
    const before = process.memoryUsage.rss();
    collect({ type: "major", execution: "sync", flavor: "last-resort" });
    log.debug({ beforeKiB: before >> 10, afterKiB: process.memoryUsage.rss() >> 10 }, "Gave memory back");
  }, CHECK_INTERVAL_MS).unref();
  return () => clearInterval(timer);
}
