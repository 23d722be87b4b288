import type { AuditEntry, AuditHead, AuditPage, AuditVerification } from "@fairlead/protocol/rest";
import type { Logger } from "pino";
import { WriteQueue } from "../database/write-queue.ts";
import { AnonymousLimit } from "./anonymous-limit.ts";
import { entryOf } from "./entry.ts";
import { type AuditRecord, newAuditRow, type NewAuditRow, SYSTEM } from "./record.ts";
import type { AuditSelection, AuditStore } from "./store.ts";
import { PRUNE_ACTION, verifyChain } from "./verify-chain.ts";

/** Whatever tells of something that was done. */
export interface AuditRecorder {
  /** Takes an entry without waiting. Never throws. */
  record(entry: AuditRecord): void;
}

export interface AuditLogOptions {
  readonly store: AuditStore;
  readonly log: Logger;
  /** Milliseconds that entries are kept. Default 365 days. */
  readonly retentionMs?: number;
  readonly now?: () => number;
  /** Entries that may wait to be written. Default that of `WriteQueue`. */
  readonly capacity?: number;
}

export interface AuditStats {
  /** Entries stored since the start of the hub. */
  readonly stored: number;
  /** Entries lost because they could not be stored; the log itself says so. */
  readonly dropped: number;
  /** Refused attempts of nobody that were counted together. */
  readonly summarised: number;
  readonly queued: number;
}

const DAY_MS = 24 * 3600_000;
const DEFAULT_RETENTION_MS = 365 * DAY_MS;

/**
 * Milliseconds from an entry to its write: what a hub loses that is killed. No answer waits for it, so that a full disk or a long
 * transaction slows nobody; a burst is still one write.
 */
const WRITE_DELAY_MS = 10;

/** Entries read in one go for an export. */
const EXPORT_PAGE_ENTRIES = 500;

/** The audit log: who did what, where, with which outcome; chained by hashes, append-only. */
export class AuditLog implements AuditRecorder {
  readonly #store: AuditStore;
  readonly #log: Logger;
  readonly #retentionMs: number;
  readonly #now: () => number;
  readonly #queue: WriteQueue<NewAuditRow>;
  readonly #anonymous: AnonymousLimit;
  #stored = 0;
  #dropped = 0;
  /** Lost since the last entry that says so. */
  #untold = 0;

  constructor(options: AuditLogOptions) {
    this.#store = options.store;
    this.#log = options.log;
    this.#retentionMs = options.retentionMs ?? DEFAULT_RETENTION_MS;
    this.#now = options.now ?? Date.now;
    this.#anonymous = new AnonymousLimit((attempts, sinceMs) => {
      this.#push({ actor: SYSTEM, action: "audit.summary", outcome: "refused", at: sinceMs, details: { attempts } });
    });
    this.#queue = new WriteQueue<NewAuditRow>({
      what: "audit entries",
      log: options.log,
      weigh: (row) => (row.path?.length ?? 0) + row.details.length + ROW_WEIGHT,
      write: (batch) => this.#write(batch),
      delayMs: WRITE_DELAY_MS,
      ...(options.capacity === undefined ? {} : { capacity: options.capacity }),
    });
  }

  get stats(): AuditStats {
    return {
      stored: this.#stored,
      dropped: this.#dropped,
      summarised: this.#anonymous.counted,
      queued: this.#queue.length,
    };
  }

  record(entry: AuditRecord): void {
    if (entry.actor.kind === "nobody" && !this.#anonymous.admits(this.#now())) return;
    this.#push(entry);
  }

  async page(selection: AuditSelection): Promise<AuditPage> {
    await this.#queue.flush();
    const rows = await this.#store.select({ ...selection, limit: selection.limit + 1 });
    const more = rows.length > selection.limit;
    if (more) rows.pop();
    return { items: rows.map(entryOf), next: more ? (rows.at(-1)?.number ?? null) : null };
  }

  /** All entries of a selection, oldest first, as they are asked for. */
  async *export(selection: Omit<AuditSelection, "order" | "limit" | "after">): AsyncGenerator<AuditEntry> {
    await this.#queue.flush();
    const { number: end } = await this.#store.head();
    for (let after = 0; ;) {
      const rows = await this.#store.select({ ...selection, after, order: "asc", limit: EXPORT_PAGE_ENTRIES });
      for (const row of rows) {
        // What is written meanwhile would keep a slow reader for ever.
        if (row.number > end) return;
        yield entryOf(row);
      }
      if (rows.length < EXPORT_PAGE_ENTRIES) return;
      after = rows.at(-1)?.number ?? after;
    }
  }

  async find(number: number): Promise<AuditEntry | undefined> {
    await this.#queue.flush();
    const row = await this.#store.find(number);
    return row && entryOf(row);
  }

  async head(): Promise<AuditHead> {
    await this.#queue.flush();
    return this.#store.head();
  }

  /** @throws FairleadError bad_request when the kept head is older than what is kept of the log. */
  async verify(keptHead?: AuditHead): Promise<AuditVerification> {
    await this.#queue.flush();
    return verifyChain(this.#store, keptHead);
  }

  /**
   * Removes whole days that are over their retention; the log says so, and goes on from the last entry removed. Returns how many
   * entries went.
   */
  async prune(): Promise<number> {
    const now = this.#now();
    // By days, so that one entry a day tells of it, and not one every few minutes.
    const before = Math.floor((now - this.#retentionMs) / DAY_MS) * DAY_MS;
    await this.#queue.flush();
    const last = await this.#store.lastBefore(before);
    const start = (await this.#store.anchor())?.number ?? 0;
    if (last !== undefined && last.number > start) {
      const { number, hash, at } = last;
      const details = { through: number, hash, entries: number - start };
      const record: AuditRecord = { actor: SYSTEM, action: PRUNE_ACTION, outcome: "done", details };
      await this.#store.moveAnchor({ number, hash, at }, newAuditRow(record, now));
      this.#stored += 1;
    }
    return this.#store.removePruned();
  }

  /** Says in the hub's log where the chain is: who keeps that log elsewhere keeps a head with it. */
  async start(): Promise<void> {
    const { number, hash } = await this.#store.head();
    this.#log.info({ number, hash }, "The audit log begins after this head");
  }

  async stop(): Promise<void> {
    this.#anonymous.stop();
    await this.#queue.stop();
    const { number, hash } = await this.#store.head();
    this.#log.info({ number, hash }, "The audit log ends with this head");
  }

  #push(entry: AuditRecord): void {
    if (this.#queue.push(newAuditRow(entry, this.#now()))) return;
    if (this.#untold === 0) this.#log.error("Audit entries come faster than they can be stored; some are lost");
    this.#dropped += 1;
    this.#untold += 1;
  }

  async #write(batch: readonly NewAuditRow[]): Promise<void> {
    const untold = this.#untold;
    const lost: AuditRecord = { actor: SYSTEM, action: "audit.lost", outcome: "failed", details: { entries: untold } };
    const rows = untold === 0 ? batch : [...batch, newAuditRow(lost, this.#now())];
    await this.#store.append(rows);
    this.#untold -= untold;
    this.#stored += rows.length;
  }
}

/** What a row takes beside its longest texts. */
const ROW_WEIGHT = 500;
