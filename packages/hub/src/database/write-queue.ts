import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";

export interface WriteQueueOptions<T> {
  /** What is written, in words, for the log: "container events". */
  readonly what: string;
  /** Writes a batch whole or throws. Called for one batch at a time, in the order of `push`. */
  readonly write: (batch: readonly T[]) => Promise<void>;
  readonly log: Logger;
  /** Items that may wait. Default 20,000. */
  readonly capacity?: number;
  /** Sum of `weigh` that may wait. Default 32 MiB. */
  readonly maxWeight?: number;
  /** Size of an item, in bytes or so. Default 1. */
  readonly weigh?: (item: T) => number;
  /** Items in one batch at most. Default 100. */
  readonly batchSize?: number;
  /** Milliseconds from the first waiting item to the write. Default 50. */
  readonly delayMs?: number;
}

/** A host's outage brings some hundred items; 2,000 agents that come back at once bring 2,000 each of events and metrics. */
const DEFAULT_CAPACITY = 20_000;
const DEFAULT_MAX_WEIGHT = 32 * 1024 * 1024;
/** One transaction blocks the process while it runs: a hundred rows take about 5 ms. */
const DEFAULT_BATCH_SIZE = 100;
/** Long enough to gather a burst, too short for a person to notice. */
const DEFAULT_DELAY_MS = 50;
/** A write fails when the disk is full or another program holds the file: tried again until it works, ever slower. */
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;
/** At the end of the process a write that fails is tried this often. */
const MAX_TRIES_AT_STOP = 3;

/**
 * Takes items without waiting and writes them in batches, in order.
 *
 * What does not fit is refused by `push` and counted in `dropped`; the caller knows what to tell about it.
 * A write that fails is tried again with the same items, so writing must be repeatable or transactional.
 */
export class WriteQueue<T> {
  readonly #options: Required<WriteQueueOptions<T>>;
  #waiting: T[] = [];
  #weight = 0;
  #dropped = 0;
  /** Items taken and items done with since the start. */
  #taken = 0;
  #done = 0;
  #flushes: { target: number; resolve: () => void }[] = [];
  #isRunning = false;
  #stopping = new AbortController();

  constructor(options: WriteQueueOptions<T>) {
    this.#options = {
      capacity: DEFAULT_CAPACITY,
      maxWeight: DEFAULT_MAX_WEIGHT,
      weigh: () => 1,
      batchSize: DEFAULT_BATCH_SIZE,
      delayMs: DEFAULT_DELAY_MS,
      ...options,
    };
  }

  /** Items that wait, those being written included. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Items refused because the queue was full, or given up because they could not be written. */
  get dropped(): number {
    return this.#dropped;
  }

  /** False when the item does not fit, or the queue is stopped: it is not taken. */
  push(item: T): boolean {
    const { capacity, maxWeight, weigh } = this.#options;
    const weight = weigh(item);
    const fits = this.#waiting.length < capacity && this.#weight + weight <= maxWeight;
    if (!fits || this.#stopping.signal.aborted) {
      this.#dropped += 1;
      return false;
    }
    this.#waiting.push(item);
    this.#weight += weight;
    this.#taken += 1;
    if (!this.#isRunning) void this.#run();
    return true;
  }

  /** Resolves when all that was pushed until now is written. */
  flush(): Promise<void> {
    if (this.#done === this.#taken) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#flushes.push({ target: this.#taken, resolve });
    return promise;
  }

  /** Writes what waits and takes nothing more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.flush();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    await this.#pause(this.#options.delayMs);
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, this.#options.batchSize);
      await this.#writeUntilDone(batch);
      this.#waiting.splice(0, batch.length);
      for (const item of batch) this.#weight -= this.#options.weigh(item);
      this.#done += batch.length;
      this.#flushes = this.#flushes.filter(({ target, resolve }) => target > this.#done || (resolve(), false));
      // Writing is synchronous underneath: sockets get their turn between two batches.
      await nextTurn();
    }
    this.#isRunning = false;
  }

  async #writeUntilDone(batch: readonly T[]): Promise<void> {
    let triesAtStop = 0;
    for (let delay = FIRST_RETRY_MS; ; delay = Math.min(delay * 2, MAX_RETRY_MS)) {
      try {
        return await this.#options.write(batch);
      } catch (error) {
        this.#options.log.error(
          { err: error, items: batch.length },
          `Writing ${this.#options.what} failed; trying again`,
        );
        if (this.#stopping.signal.aborted && ++triesAtStop >= MAX_TRIES_AT_STOP) {
          this.#giveUp(batch.length, error);
          return;
        }
        await this.#pause(delay);
      }
    }
  }

  #giveUp(items: number, error: unknown): void {
    this.#dropped += items;
    this.#options.log.error({ err: error, items }, `Writing ${this.#options.what} given up`);
  }

  /** Cut short when the queue stops. */
  async #pause(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => {});
  }
}
