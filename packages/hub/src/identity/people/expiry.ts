import type { Logger } from "pino";

/** Live connections of a session that ended by itself are cut within this. */
const INTERVAL_MS = 60_000;

/** Ends and forgets what is over its time, every minute, until stopped. */
export class Expiry {
  readonly #tasks: readonly ((now: number) => Promise<void>)[];
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #running = Promise.resolve();

  constructor(tasks: readonly ((now: number) => Promise<void>)[], log: Logger) {
    this.#tasks = tasks;
    this.#log = log;
    this.#timer = setInterval(() => (this.#running = this.#run()), INTERVAL_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      for (const task of this.#tasks) await task(Date.now());
    } catch (error) {
      this.#log.warn({ err: error }, "What is over its time could not be ended; tried again in a minute");
    }
  }
}
