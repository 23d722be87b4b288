import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";

/** What does not end within this is left behind: the process is to end within seconds, whatever hangs. */
const STEP_TIMEOUT_MS = 5_000;

/** What has been started, ended in reverse order: each step may rely on all that was added before it. */
export class StopSequence {
  readonly #log: Logger;
  readonly #stepTimeoutMs: number;
  readonly #steps: { name: string; stop: () => Promise<void> | void }[] = [];
  #running: Promise<void> | undefined;

  constructor(log: Logger, stepTimeoutMs = STEP_TIMEOUT_MS) {
    this.#log = log;
    this.#stepTimeoutMs = stepTimeoutMs;
  }

  add(name: string, stop: () => Promise<void> | void): void {
    this.#steps.push({ name, stop });
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Never rejects: a step that fails or hangs is logged, and the others follow. The same for every caller. */
  run(): Promise<void> {
    this.#running ??= this.#runAll();
    return this.#running;
  }

  async #runAll(): Promise<void> {
    for (const { name, stop } of this.#steps.toReversed()) {
      const late = new AbortController();
      const timeout = sleep(this.#stepTimeoutMs, true, { signal: late.signal }).catch(() => false);
      try {
        const isLate = await Promise.race([Promise.resolve(stop()).then(() => false), timeout]);
        if (isLate) this.#log.error({ step: name }, `Stopping took longer than ${this.#stepTimeoutMs} ms`);
      } catch (error) {
        this.#log.error({ err: error, step: name }, "Stopping failed");
      } finally {
        late.abort();
      }
    }
  }
}
