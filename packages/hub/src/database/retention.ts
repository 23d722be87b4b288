import type { Logger } from "pino";

/** Deletes what is too old, in small pieces that let others work in between. Returns how many rows went. */
export type Prune = () => Promise<number>;

/** Retention is counted in days and hours: a few minutes more do not matter, and a small piece every few minutes is cheaper than a large one a day. */
const DEFAULT_INTERVAL_MS = 5 * 60_000;

/** Runs the prunings of all stores one after the other, now and then, until stopped. */
export class Retention {
  readonly #prunings: Readonly<Record<string, Prune>>;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;

  constructor(prunings: Readonly<Record<string, Prune>>, log: Logger, intervalMs = DEFAULT_INTERVAL_MS) {
    this.#prunings = prunings;
    this.#log = log;
    this.#timer = setInterval(() => void this.run(), intervalMs);
    this.#timer.unref();
  }

  /** One round now; while one runs, that one. */
  run(): Promise<void> {
    this.#running ??= this.#round().finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Resolves when a round that runs has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async #round(): Promise<void> {
    for (const [what, prune] of Object.entries(this.#prunings)) {
      try {
        const rows = await prune();
        if (rows > 0) this.#log.debug({ what, rows }, "Rows over their retention deleted");
      } catch (error) {
        this.#log.error({ err: error, what }, "Deleting rows over their retention failed; tried again next time");
      }
    }
  }
}
