import type { ContainerEvent } from "@fairlead/protocol";
import type { EventPage } from "@fairlead/protocol/rest";
import type { Logger } from "pino";
import { WriteQueue } from "../database/write-queue.ts";
import { type Gap, type NewEvent, newEvent, newGap } from "./new-event.ts";
import type { EventSelection, EventStore } from "./store.ts";

export interface EventServiceOptions {
  readonly store: EventStore;
  readonly log: Logger;
  /** Milliseconds that events are kept. Default 30 days. */
  readonly retentionMs?: number;
  readonly now?: () => number;
  /** Events that may wait to be written. Default that of `WriteQueue`. */
  readonly capacity?: number;
}

export interface EventStats {
  /** Events stored since the start of the hub, gaps not counted. */
  readonly stored: number;
  readonly gaps: number;
  /** Events that were stored already. */
  readonly duplicates: number;
  /** Events lost because more came than could be written; each environment gets a gap. */
  readonly dropped: number;
  /** Events older than what is kept. */
  readonly expired: number;
  readonly queued: number;
}

const DEFAULT_RETENTION_MS = 30 * 24 * 3600_000;

/** The history of container events: each stored once, in batches, with gaps where something may be missing. */
export class EventService {
  readonly #store: EventStore;
  readonly #log: Logger;
  readonly #retentionMs: number;
  readonly #now: () => number;
  readonly #queue: WriteQueue<NewEvent>;
  /** Environments whose events were dropped, and when; one entry an environment. */
  readonly #overrun = new Map<number, { from: number; to: number; events: number }>();
  #stored = 0;
  #gaps = 0;
  #duplicates = 0;
  #dropped = 0;
  #expired = 0;

  constructor(options: EventServiceOptions) {
    this.#store = options.store;
    this.#log = options.log;
    this.#retentionMs = options.retentionMs ?? DEFAULT_RETENTION_MS;
    this.#now = options.now ?? Date.now;
    this.#queue = new WriteQueue<NewEvent>({
      what: "container events",
      log: options.log,
      weigh: (event) => event.body.length,
      write: (batch) => this.#write(batch),
      ...(options.capacity === undefined ? {} : { capacity: options.capacity }),
    });
  }

  get stats(): EventStats {
    return {
      stored: this.#stored,
      gaps: this.#gaps,
      duplicates: this.#duplicates,
      dropped: this.#dropped,
      expired: this.#expired,
      queued: this.#queue.length,
    };
  }

  /** Takes an event without waiting. Never throws. */
  ingest(environmentId: number, event: ContainerEvent): void {
    const now = this.#now();
    const row = newEvent(environmentId, event, now);
    if (row.at < now - this.#retentionMs) this.#expired += 1;
    else if (!this.#queue.push(row)) this.#noteOverrun(environmentId, row.at);
  }

  /** Says that events may be missing. Never throws. */
  gap(environmentId: number, gap: Gap): void {
    if (!this.#queue.push(newGap(environmentId, gap))) this.#noteOverrun(environmentId, gap.to, gap.from ?? gap.to);
  }

  /** What happened last in an environment; `undefined` when there is nothing, or a gap follows it. */
  async latest(environmentId: number): Promise<ContainerEvent | undefined> {
    await this.flush();
    return this.#store.latest(environmentId);
  }

  async page(selection: EventSelection): Promise<EventPage> {
    const items = await this.#store.select({ ...selection, limit: selection.limit + 1 });
    const more = items.length > selection.limit;
    if (more) items.pop();
    return { items, next: more ? (items.at(-1)?.id ?? null) : null };
  }

  prune(): Promise<number> {
    return this.#store.prune(this.#now() - this.#retentionMs);
  }

  /** Resolves when all that was taken until now is stored. */
  flush(): Promise<void> {
    return this.#queue.flush();
  }

  async stop(): Promise<void> {
    await this.#queue.stop();
  }

  async #write(batch: readonly NewEvent[]): Promise<void> {
    const overrun = [...this.#overrun];
    const gaps = overrun.map(([environmentId, { from, to, events }]) =>
      newGap(environmentId, { from, to, reason: `More events came than the hub could store: ${events} are lost.` }),
    );
    const stored = await this.#store.insert([...batch, ...gaps]);
    for (const [environmentId, written] of overrun) {
      // What was dropped while this was written has changed the entry, and gets a gap of its own with the next batch.
      if (this.#overrun.get(environmentId) === written) this.#overrun.delete(environmentId);
    }
    const events = stored.filter(({ kind }) => kind === "event").length;
    this.#stored += events;
    this.#gaps += stored.length - events;
    this.#duplicates += batch.length + gaps.length - stored.length;
  }

  #noteOverrun(environmentId: number, to: number, from = to): void {
    const before = this.#overrun.get(environmentId);
    if (this.#dropped === 0) this.#log.error("More container events come than can be stored; gaps mark what is lost");
    this.#dropped += 1;
    this.#overrun.set(environmentId, {
      from: Math.min(from, before?.from ?? from),
      to: Math.max(to, before?.to ?? to),
      events: (before?.events ?? 0) + 1,
    });
  }
}
