import {
  INITIAL_WINDOW_BYTES,
  LONE_AFTER_MS,
  LONG_PATH_MS,
  MAX_CONNECTION_WINDOW_BYTES,
  MAX_LONE_STREAM_WINDOW_BYTES,
  MAX_SHORT_PATH_WINDOW_BYTES,
  MAX_WINDOW_BYTES,
  MIN_WINDOW_BYTES,
} from "../limits.ts";

/** A sender that stands still for this part of the time in which it could send has too small a window. */
const STANDSTILL_FRACTION = 1 / 4;

/** Before so many round trips were seen, nothing is known of a path. */
const TRIPS_TO_KNOW_A_PATH = 3;

/** What the receiving ends of one connection's streams share. */
export class WindowBudget {
  /** A clock, in milliseconds. */
  readonly now: () => number;
  #openStreams = 0;
  #lastTogether = Number.NEGATIVE_INFINITY;
  #grown = 0;
  #trips = 0;
  #shortestTripMs = Number.POSITIVE_INFINITY;

  constructor(now: () => number) {
    this.now = now;
  }

  /** The most that a window may have at this time: with many streams open, none has more than its share. */
  get limit(): number {
    const share = Math.floor(MAX_CONNECTION_WINDOW_BYTES / Math.max(1, this.#openStreams));
    return Math.max(MIN_WINDOW_BYTES, Math.min(this.#pathLimit, share));
  }

  /** A long path is one without a short round trip. A busy machine makes some long, never all. */
  get #pathLimit(): number {
    if (this.#trips >= TRIPS_TO_KNOW_A_PATH && this.#shortestTripMs >= LONG_PATH_MS) return MAX_WINDOW_BYTES;
    const isAlone = this.#openStreams <= 1 && this.now() - this.#lastTogether >= LONE_AFTER_MS;
    return isAlone ? MAX_LONE_STREAM_WINDOW_BYTES : MAX_SHORT_PATH_WINDOW_BYTES;
  }

  get openStreams(): number {
    return this.#openStreams;
  }

  opened(): void {
    this.#openStreams += 1;
  }

  /** @param grown by how much its window had grown. */
  closed(grown: number): void {
    if (this.#openStreams > 1) this.#lastTogether = this.now();
    this.#openStreams -= 1;
    this.#grown -= grown;
  }

  /** Bytes came that were sent for credit of so long ago. */
  sawTrip(ms: number): void {
    this.#trips += 1;
    this.#shortestTripMs = Math.min(this.#shortestTripMs, ms);
  }

  /** Bytes by which all windows together have grown beyond the initial one. */
  get grown(): number {
    return this.#grown;
  }

  /** @returns how much of it may be had. */
  take(bytes: number): number {
    const taken = Math.max(0, Math.min(bytes, MAX_CONNECTION_WINDOW_BYTES - this.#grown));
    this.#grown += taken;
    return taken;
  }
}

/**
 * The receiving side of one stream's flow control: what its sender may send is what the consumer has taken, plus a window that doubles
 * when the sender, although the consumer kept up, has to wait for much of the time: far on a long path, and less on a short one, where it may
 * be a busy machine that it waits for. What has grown is not used while it may not be that large.
 */
export class ReceiveWindow {
  readonly #budget: WindowBudget;
  #size = INITIAL_WINDOW_BYTES;
  #granted = INITIAL_WINDOW_BYTES;
  #received = 0;
  #consumed = 0;
  /** The sender said that it waits, for the consumer, and nothing came since. */
  #isSenderWaiting = false;
  /** Since when it waits for nothing but the path. */
  #standsSince: number | undefined;
  #flowsSince: number;
  /** Credit that is on its way: bytes beyond so many can only be sent once it is there. */
  #trip: { beyond: number; since: number } | undefined;
  #isClosed = false;

  constructor(budget: WindowBudget) {
    this.#budget = budget;
    budget.opened();
    this.#flowsSince = budget.now();
  }

  /** Bytes that came and that the consumer has not taken. */
  get waitingBytes(): number {
    return this.#received - this.#consumed;
  }

  /** Takes note of bytes that came. False: they are more than was granted. */
  receive(bytes: number): boolean {
    this.#isSenderWaiting = false;
    this.#received += bytes;
    if (this.#trip && this.#received > this.#trip.beyond) {
      this.#budget.sawTrip(this.#budget.now() - this.#trip.since);
      this.#trip = undefined;
    }
    if (this.#standsSince !== undefined) this.#flows(this.#standsSince);
    return this.#received <= this.#granted;
  }

  /** The consumer took these bytes. @returns how many more bytes to grant now; 0: not worth a frame yet. */
  consume(bytes: number): number {
    this.#consumed += bytes;
    // A whole window may come in one read, and its sender's word with it, before the consumer gets its turn.
    if (this.#isSenderWaiting && this.waitingBytes === 0) this.#stands();
    return this.#refill();
  }

  /** The sender has to wait for credit. @returns how many more bytes to grant now; 0: it is the consumer that holds it up. */
  senderWaits(): number {
    if (this.waitingBytes > this.#size >>> 2) {
      this.#isSenderWaiting = true;
      return 0;
    }
    this.#stands();
    return this.#refill();
  }

  /** Nothing more will come. */
  close(): void {
    this.#isClosed = true;
    this.#budget.closed(this.#size - INITIAL_WINDOW_BYTES);
  }

  #stands(): void {
    this.#isSenderWaiting = false;
    this.#standsSince ??= this.#budget.now();
  }

  /** Bytes come again. */
  #flows(stoodSince: number): void {
    const now = this.#budget.now();
    const stood = now - stoodSince;
    if (stood > 0 && stood >= STANDSTILL_FRACTION * (stoodSince - this.#flowsSince) && !this.#isClosed) this.#grow();
    this.#standsSince = undefined;
    this.#flowsSince = now;
  }

  #grow(): void {
    const { limit } = this.#budget;
    if (this.#size < limit) this.#size += this.#budget.take(Math.min(this.#size, limit - this.#size));
  }

  #refill(): number {
    const target = Math.min(this.#size, this.#budget.limit);
    const missing = target - (this.#granted - this.#consumed);
    // Early enough that the sender does not run dry; seldom enough to be cheap, and never so little that credit falls apart into crumbs.
    if (missing < target >>> 2) return 0;
    this.#trip ??= { beyond: this.#granted, since: this.#budget.now() };
    this.#granted += missing;
    return missing;
  }
}
