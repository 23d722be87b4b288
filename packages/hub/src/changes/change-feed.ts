import type { Transaction } from "kysely";
import type { Logger } from "pino";
import type { StreamTopic } from "@fairlead/protocol/rest";
import type { Tables } from "../database/schema.ts";
import { WriteQueue } from "../database/write-queue.ts";
import type { ChangeRow, ChangeStore, NewChange } from "./change-store.ts";

/** Where the domains put what changed, for `/api/v1/stream`: kept in order, resumable. */
export interface ChangePublisher {
  /** @param body the JSON value that readers get. Never throws; writes are batched. */
  publish(topic: StreamTopic, environmentId: number, body: unknown): void;
}

/** For stores that write a change in the transaction of what changed, so that neither is there without the other. */
export interface ChangeJournal {
  append(changes: readonly NewChange[], trx: Transaction<Tables>): Promise<void>;
  /** To be called after the transaction. */
  announce(): void;
}

export interface ChangeFeedOptions {
  readonly store: ChangeStore;
  readonly log: Logger;
  /** Rows kept to resume from. Default 100,000: of 2,000 agents that send metrics every 30 s the last 25 minutes. */
  readonly maxRows?: number;
  /** Milliseconds a row is kept to resume from. Default a day. */
  readonly maxAgeMs?: number;
  readonly now?: () => number;
  /** Changes that may wait to be written. Default that of `WriteQueue`. */
  readonly capacity?: number;
}

/** Rows of one read: small enough not to block, large enough to catch up fast. */
const PAGE_ROWS = 200;
/** The newest rows, kept in memory so that live readers need no query each. */
const MAX_TAIL_ROWS = 1_000;
const MAX_TAIL_CHARACTERS = 4 * 1024 * 1024;

/**
 * The journal of changes. The table is the truth and its ids are the order; readers follow it each at its own pace
 * (`read`, then `changed` until there is more), so a slow reader costs nothing but its position.
 */
export class ChangeFeed implements ChangePublisher, ChangeJournal {
  readonly #store: ChangeStore;
  readonly #options: ChangeFeedOptions;
  readonly #now: () => number;
  readonly #queue: WriteQueue<NewChange>;
  #tail: ChangeRow[] = [];
  #tailCharacters = 0;
  #newest = 0;
  #announced = false;
  #loading: Promise<void> | undefined;
  #droppedSeen = 0;
  #stored = 0;
  readonly #waiting = new Set<() => void>();

  constructor(options: ChangeFeedOptions) {
    this.#store = options.store;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#queue = new WriteQueue<NewChange>({
      what: "changes",
      log: options.log,
      weigh: (change) => change.body.length,
      write: (batch) => this.#write(batch),
      ...(options.capacity === undefined ? {} : { capacity: options.capacity }),
    });
  }

  /** Finds where the journal stands. Before anything else. */
  async start(): Promise<void> {
    this.#newest = (await this.#store.range())?.newest ?? 0;
  }

  /** Id of the newest change that readers can see. */
  get newest(): number {
    return this.#newest;
  }

  get stats(): { stored: number; dropped: number; queued: number } {
    return { stored: this.#stored, dropped: this.#queue.dropped, queued: this.#queue.length };
  }

  publish(topic: StreamTopic, environmentId: number, body: unknown): void {
    this.#queue.push({ topic, environment_id: environmentId, at: this.#now(), body: JSON.stringify(body) });
  }

  async append(changes: readonly NewChange[], trx: Transaction<Tables>): Promise<void> {
    await this.#store.insert(changes, trx);
  }

  announce(): void {
    this.#announced = true;
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
  }

  /**
   * Changes after `position`, in order; none when it is the newest.
   * `"gone"`: what follows `position` is no longer kept in full, or it was never a position of this journal.
   */
  async read(position: number): Promise<readonly ChangeRow[] | "gone"> {
    if (position > this.#newest) return "gone";
    if (position === this.#newest) return [];
    const first = this.#tail[0]?.id ?? Number.POSITIVE_INFINITY;
    if (first <= position) {
      const from = this.#tail.findIndex(({ id }) => id > position);
      return this.#tail.slice(from, from + PAGE_ROWS);
    }
    const rows = await this.#store.after(position, PAGE_ROWS);
    // Asked after the rows: what was deleted while they were read shows.
    const range = await this.#store.range();
    return range && range.oldest <= position + 1 ? rows.filter(({ id }) => id <= this.#newest) : "gone";
  }

  /** Resolves true when there is something after `position`, false when `milliseconds` have passed or `signal` aborts. */
  async changed(position: number, milliseconds: number, signal: AbortSignal): Promise<boolean> {
    if (this.#newest !== position || signal.aborted) return !signal.aborted;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const wake = (): void => resolve(true);
    const giveUp = (): void => resolve(false);
    const timer = setTimeout(giveUp, milliseconds);
    timer.unref();
    this.#waiting.add(wake);
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(wake);
      signal.removeEventListener("abort", giveUp);
    }
  }

  async prune(): Promise<number> {
    const { maxRows = 100_000, maxAgeMs = 24 * 3600_000 } = this.#options;
    return this.#store.prune(maxRows, this.#now() - maxAgeMs);
  }

  /** Resolves when what was published until now can be read. */
  async flush(): Promise<void> {
    await this.#queue.flush();
    while (this.#loading) await this.#loading;
  }

  async stop(): Promise<void> {
    await this.#queue.stop();
    await this.flush();
  }

  async #write(batch: readonly NewChange[]): Promise<void> {
    await this.#store.insertAll(batch);
    if (this.#queue.dropped > this.#droppedSeen) await this.#forget();
    this.announce();
  }

  /** Changes were dropped: whoever resumes from before them must read everything anew, so nothing before them is kept. */
  async #forget(): Promise<void> {
    this.#droppedSeen = this.#queue.dropped;
    this.#options.log.warn(
      { dropped: this.#droppedSeen },
      "Changes came faster than they could be written; readers start anew",
    );
    await this.#store.forget();
    this.#tail = [];
    this.#tailCharacters = 0;
  }

  async #load(): Promise<void> {
    try {
      while (this.#announced) {
        this.#announced = false;
        const rows = await this.#store.after(this.#newest, PAGE_ROWS);
        if (rows.length === PAGE_ROWS) this.#announced = true;
        this.#extendTail(rows);
      }
    } catch (error) {
      this.#options.log.error({ err: error }, "Reading the changes failed; tried again with the next change");
    }
  }

  #extendTail(rows: readonly ChangeRow[]): void {
    const last = rows.at(-1);
    if (!last) return;
    this.#stored += rows.length;
    this.#newest = last.id;
    for (const row of rows) {
      this.#tail.push(row);
      this.#tailCharacters += row.body.length;
    }
    while (this.#tail.length > MAX_TAIL_ROWS || this.#tailCharacters > MAX_TAIL_CHARACTERS) {
      this.#tailCharacters -= this.#tail.shift()?.body.length ?? 0;
    }
    for (const wake of this.#waiting) wake();
  }
}
