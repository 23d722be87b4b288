/**
 * Runs in the page before anything of its own: what the browser itself tells of long tasks and of keys, and when the table's first rows are
 * painted.
 */
export const PAGE_PROBE = `(() => {
  const probe = { longTasksMs: [], keysMs: new Map(), rowsAt: null };
  globalThis.probe = probe;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) probe.longTasksMs.push(duration);
  }).observe({ type: "longtask" });
  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries())
      if (interactionId) probe.keysMs.set(interactionId, Math.max(duration, probe.keysMs.get(interactionId) ?? 0));
  }).observe({ type: "event", durationThreshold: 16 });
  const look = () => {
    if (document.querySelector('.fl-table-body [role="row"]') === null) return requestAnimationFrame(look);
    // The task after the frame's: it is painted by then.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (probe.rowsAt = performance.now());
    requestAnimationFrame(() => port2.postMessage(null));
  };
  requestAnimationFrame(look);
})();`;

/** Milliseconds from the last byte of the containers' list to painted rows; null until then. */
export const TABLE_TIME = `(() => {
  const list = performance.getEntriesByType("resource").find(({ name }) => new URL(name).pathname === "/api/v1/containers");
  return list && probe.rowsAt !== null ? probe.rowsAt - list.responseEnd : null;
})()`;

/** Forgets what was seen so far. */
export const FORGET = `probe.longTasksMs.length = 0; probe.keysMs.clear(); null`;

export const LONG_TASKS = `probe.longTasksMs`;

/** Of each key that took 16 ms or more from the press to the next paint: how long. Rounded to 8 ms by the browser. */
export const KEYS = `[...probe.keysMs.values()]`;
