import { FairleadError } from "@fairlead/protocol";
import type { Caller } from "./caller.ts";

/** Requests a second that one caller may make for long: a hundred times what a busy page or a build asks. */
export const DEFAULT_REQUESTS_PER_SECOND = 1_000;

/** So many seconds' worth may come at once: `docker compose` and scripts come in bursts. */
const BURST_SECONDS = 5;

/** Callers remembered; one that is forgotten starts with a full burst again. */
const MAX_CALLERS = 10_000;

interface Bucket {
  tokens: number;
  at: number;
}

/** Keeps one caller's program that has gone wild from taking the hub away from the others. */
export class RequestLimit {
  readonly #perSecond: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /** @param perSecond 0: no limit. */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** Counts a request. @throws FairleadError rate_limited with `retryAfterSeconds`. */
  take({ kind, id, name }: Pick<Caller, "kind" | "id" | "name">): void {
    if (this.#perSecond === 0) return;
    const bucket = this.#bucketOf(`${kind} ${id}`);
    if (bucket.tokens < 1) {
      throw new FairleadError(
        "rate_limited",
        `${name} makes more than ${this.#perSecond} requests a second (FAIRLEAD_REQUESTS_PER_SECOND of the hub). Try again in 1 s.`,
        { details: { retryAfterSeconds: 1 } },
      );
    }
    bucket.tokens -= 1;
  }

  #bucketOf(key: string): Bucket {
    const now = this.#now();
    const most = this.#perSecond * BURST_SECONDS;
    const known = this.#buckets.get(key);
    if (known) {
      known.tokens = Math.min(most, known.tokens + ((now - known.at) / 1000) * this.#perSecond);
      known.at = now;
      return known;
    }
    const bucket = { tokens: most, at: now };
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > MAX_CALLERS) {
      const oldest = this.#buckets.keys().next();
      if (!oldest.done) this.#buckets.delete(oldest.value);
    }
    return bucket;
  }
}
