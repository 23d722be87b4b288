import { setTimeout as sleep } from "node:timers/promises";
import type { Timed } from "./merge-by-time.ts";

/** Lines that are not written yet; a source that is faster than our output waits. */
const MAX_WAITING = 10_000;

/**
 * Joins sequences that go on as they happen: what comes within `windowMs` is put in time order. Sources can be added
 * meanwhile; it ends when `finish` was called and all have ended, or when the signal is aborted.
 */
export class LiveMerge<T extends Timed> {
  readonly #windowMs: number;
  #waiting: T[] = [];
  #sources = 0;
  #isFinished = false;
  #wakeReader = (): void => {};
  #wakeSources = Promise.withResolvers<void>();

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Takes a source over. It must not throw: what happens to it is its own to tell. */
  add(source: AsyncIterable<T>): void {
    this.#sources += 1;
    void this.#pump(source);
  }

  /** No more sources are to come. */
  finish(): void {
    this.#isFinished = true;
    this.#wakeReader();
  }

  async *read(signal: AbortSignal): AsyncGenerator<T> {
    const wake = (): void => this.#wakeReader();
    signal.addEventListener("abort", wake, { once: true });
    while (!signal.aborted) {
      if (this.#waiting.length === 0) {
        if (this.#isFinished && this.#sources === 0) return;
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#wakeReader = resolve;
        await promise;
        continue;
      }
      await sleep(this.#windowMs);
      const batch = this.#waiting.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
      this.#waiting = [];
      this.#wakeSources.resolve();
      this.#wakeSources = Promise.withResolvers<void>();
      yield* batch;
    }
  }

  async #pump(source: AsyncIterable<T>): Promise<void> {
    try {
      for await (const item of source) {
        this.#waiting.push(item);
        if (this.#waiting.length === 1) this.#wakeReader();
        while (this.#waiting.length >= MAX_WAITING) await this.#wakeSources.promise;
      }
    } finally {
      this.#sources -= 1;
      this.#wakeReader();
    }
  }
}
