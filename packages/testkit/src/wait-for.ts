import { setTimeout as sleep } from "node:timers/promises";

export interface WaitForOptions {
  /** How long to wait altogether. Default 60,000. */
  timeoutMs?: number;
  /** Pause between two tries. Default 20. */
  intervalMs?: number;
  /** What is waited for, in words: it stands in the error. A function is asked at the time of failure. */
  what: string | (() => string);
}

/** Generous: on a busy machine with two cores a real program takes seconds to start. */
const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_INTERVAL_MS = 20;

/**
 * Asks `condition` again and again until it gives something truthy, and returns that.
 *
 * A condition that throws counts as "not yet"; the last thing thrown becomes the cause of the error.
 *
 * @example await waitFor(() => hub.messages.find((m) => m.type === "pong"), { what: "a pong" });
 * @throws Error naming `what` and the time waited.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: WaitForOptions,
): Promise<Exclude<T, false | null | undefined | 0 | "">> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, intervalMs = DEFAULT_INTERVAL_MS, what } = options;
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value as Exclude<T, false | null | undefined | 0 | "">;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() >= deadline) {
      const words = typeof what === "function" ? what() : what;
      const reason = lastError instanceof Error ? ` (last error: ${lastError.message})` : "";
      throw new Error(`Waited ${timeoutMs} ms in vain for ${words}${reason}`, { cause: lastError });
    }
    await sleep(intervalMs);
  }
}
