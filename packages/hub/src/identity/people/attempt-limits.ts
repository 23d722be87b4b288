import { FairleadError } from "@fairlead/protocol";

/** Slips of a person are free; then each failure doubles the wait. */
const FIRST_WAIT_MS = 1_000;
/** Long enough that guessing is hopeless (four tries an hour), short enough that a person waits it out. */
const MAX_WAIT_MS = 15 * 60_000;
/** What has been quiet for so long starts anew. */
const FORGOTTEN_AFTER_MS = 60 * 60_000;
/** A few MB at most; beyond it the one quiet for longest goes. */
const MAX_KEYS = 20_000;

/** Something that attempts are counted for, and how many failures it has for free. */
export interface AttemptKey {
  readonly key: string;
  readonly free: number;
}

interface Record {
  failures: number;
  /** Unix milliseconds. */
  blockedUntil: number;
  lastAt: number;
}

/**
 * Lock-out with back-off, in memory: after a few failures for free the next attempt has to wait a second, then two, four, up to
 * a quarter of an hour. An attempt counts as failed until it is known to be good, so that many at once get no further.
 */
export class AttemptLimits {
  /** In the order of the last attempt. */
  readonly #records = new Map<string, Record>();

  /**
   * Counts an attempt.
   *
   * @throws FairleadError rate_limited when one of the keys has to wait; then nothing is counted.
   */
  begin(keys: readonly AttemptKey[], now: number = Date.now()): void {
    const waitMs = Math.max(0, ...keys.map(({ key }) => (this.#find(key, now)?.blockedUntil ?? 0) - now));
    if (waitMs > 0) throw tooMany(waitMs);
    for (const { key, free } of keys) this.#count(key, free, now);
  }

  /** The attempt was wrong: the wait begins now, however long it took. */
  failed(keys: readonly AttemptKey[], now: number = Date.now()): void {
    for (const { key, free } of keys) {
      const record = this.#records.get(key);
      if (record) record.blockedUntil = now + waitAfter(record.failures, free);
    }
  }

  /** The attempt was good: its keys start anew. */
  succeeded(keys: readonly AttemptKey[]): void {
    for (const { key } of keys) this.#records.delete(key);
  }

  /** The attempt did not come to a decision: it is taken back. */
  takeBack(keys: readonly AttemptKey[]): void {
    for (const { key } of keys) {
      const record = this.#records.get(key);
      if (!record) continue;
      record.failures -= 1;
      record.blockedUntil = 0;
    }
  }

  get size(): number {
    return this.#records.size;
  }

  #find(key: string, now: number): Record | undefined {
    const record = this.#records.get(key);
    return record && now - record.lastAt < FORGOTTEN_AFTER_MS ? record : undefined;
  }

  #count(key: string, free: number, now: number): void {
    const failures = (this.#find(key, now)?.failures ?? 0) + 1;
    this.#records.delete(key);
    this.#records.set(key, { failures, blockedUntil: now + waitAfter(failures, free), lastAt: now });
    if (this.#records.size <= MAX_KEYS) return;
    const oldest = this.#records.keys().next();
    if (!oldest.done) this.#records.delete(oldest.value);
  }
}

function waitAfter(failures: number, free: number): number {
  return failures < free ? 0 : Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - free));
}

function tooMany(waitMs: number): FairleadError {
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  return new FairleadError(
    "rate_limited",
    `Too many attempts failed. Try again in ${retryAfterSeconds} s, or ask somebody who manages people.`,
    { details: { retryAfterSeconds } },
  );
}
