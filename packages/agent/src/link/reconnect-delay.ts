/** How a try to be connected ended, as far as the next try depends on it. */
export interface ConnectionTry {
  /** How long the connection held after the welcome; 0 when there was none. */
  readonly heldMs: number;
  /** What the hub asked for. */
  readonly retryAfterMs?: number | undefined;
  /** The hub does not know the token any more: waiting is not going to change that. */
  readonly tokenRefused: boolean;
}

/** A connection that held this long worked: the next failure is a new one. Shorter ones are how a hub in trouble looks. */
export const STABLE_CONNECTION_MS = 30_000;

/** A thousand agents that lost one hub must not come back in the same second. */
export const JITTER = 0.25;

/** A hub may ask for patience, but not switch an agent off. */
export const MAX_RETRY_AFTER_MS = 60 * 60 * 1000;

/**
 * The pause before the next dial: exponential with jitter between `minMs` and `maxMs`, from the start again after a connection that held.
 */
export class ReconnectDelay {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #nextMs: number;

  /** @param random 0 to 1, for tests. */
  constructor(minMs: number, maxMs: number, random: () => number = Math.random) {
    this.#minMs = minMs;
    this.#maxMs = maxMs;
    this.#random = random;
    this.#nextMs = minMs;
  }

  /** Milliseconds to wait after this try. */
  after(tried: ConnectionTry): number {
    if (tried.heldMs >= STABLE_CONNECTION_MS) this.#nextMs = this.#minMs;
    const baseMs = tried.tokenRefused ? this.#maxMs : this.#nextMs;
    this.#nextMs = Math.min(this.#nextMs * 2, this.#maxMs);
    const delayMs = baseMs * (1 - JITTER + 2 * JITTER * this.#random());
    return Math.max(delayMs, retryAfterMs(tried.retryAfterMs));
  }
}

/** A number from a peer: what is none asks for nothing. */
function retryAfterMs(value: number | undefined): number {
  if (value === undefined || !Number.isFinite(value) || value < 0) return 0;
  return Math.min(value, MAX_RETRY_AFTER_MS);
}
