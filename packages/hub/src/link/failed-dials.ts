import type { LinkLimits } from "./link-limits.ts";

interface Bucket {
  /** Milliseconds until all failures are forgiven, at `at`. */
  debtMs: number;
  at: number;
}

/**
 * Failed dials by address: a leaky bucket each. An address that filled its own waits; nobody else does.
 * Addresses are keys of `addressKey`. What leaks empty is forgotten; beyond the limit the one quiet for longest goes,
 * so that one flooding address, which has one bucket, never pushes out another.
 */
export class FailedDials {
  readonly #limits: Pick<LinkLimits, "failedDialBurst" | "failedDialRefillMs" | "maxFailedAddresses">;
  /** In the order of the last failure. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits: Pick<LinkLimits, "failedDialBurst" | "failedDialRefillMs" | "maxFailedAddresses">) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Counts a failure of this address. */
  add(key: string, now: number = Date.now()): void {
    const { failedDialBurst, failedDialRefillMs, maxFailedAddresses } = this.#limits;
    const debtMs = this.#debtMs(key, now) + failedDialRefillMs;
    this.#buckets.delete(key);
    // Connections that were open already may fail beyond the burst: the wait stays bounded all the same.
    this.#buckets.set(key, { debtMs: Math.min(debtMs, (failedDialBurst + 1) * failedDialRefillMs), at: now });
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= maxFailedAddresses && this.#debtMs(oldest, now) > 0) break;
      this.#buckets.delete(oldest);
    }
  }

  /** Milliseconds until this address may dial again; 0: at once. */
  waitMs(key: string, now: number = Date.now()): number {
    const { failedDialBurst, failedDialRefillMs } = this.#limits;
    return Math.max(0, this.#debtMs(key, now) - (failedDialBurst - 1) * failedDialRefillMs);
  }

  #debtMs(key: string, now: number): number {
    const bucket = this.#buckets.get(key);
    return bucket === undefined ? 0 : Math.max(0, bucket.debtMs - Math.max(0, now - bucket.at));
  }
}
