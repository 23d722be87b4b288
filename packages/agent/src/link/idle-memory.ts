import type { Log } from "../log.ts";

/** Looked at this often. A burst of requests is over when nothing was asked for one such time. */
const CHECK_INTERVAL_MS = 5_000;

/** A collection costs some 20 ms of one core: it is worth it after this much growth, or this many messages. */
const WORTHWHILE_BYTES = 1024 * 1024;
const WORTHWHILE_MESSAGES = 500;

/**
 * Gives memory back after a burst of work. An idle program allocates too little for V8 to ever collect what the last burst left,
 * and an agent is idle most of its life. Needs `node --expose-gc`, as `bin/fairlead` runs it; without, it does nothing.
 *
 * @param work Counts messages; it stands still while the agent is idle.
 * @returns a function that stops it
 */
export function giveMemoryBackWhenIdle(work: () => number, log: Log): () => void {
  const collect = globalThis.gc;
  if (collect === undefined) return () => {};
  let seenWork = -1;
  let leanBytes = 0;
  let leanWork = 0;
  const timer = setInterval(() => {
    const isIdle = work() === seenWork;
    seenWork = work();
    const before = process.memoryUsage.rss();
    const isWorthwhile = before > leanBytes + WORTHWHILE_BYTES || seenWork - leanWork > WORTHWHILE_MESSAGES;
    if (!isIdle || !isWorthwhile) return;
    // The thorough kind: it compacts, and drops code that was compiled for the burst.
    collect({ type: "major", execution: "sync", flavor: "last-resort" });
    leanBytes = process.memoryUsage.rss();
    leanWork = seenWork;
    log.debug("gave memory back", { beforeKiB: before >> 10, afterKiB: leanBytes >> 10 });
  }, CHECK_INTERVAL_MS).unref();
  return () => clearInterval(timer);
}
