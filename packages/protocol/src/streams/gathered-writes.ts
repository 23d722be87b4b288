import type { ByteConnection } from "./websocket-frames.ts";

/** Can hold writes back, to make them in one. */
export type Corkable = Pick<ByteConnection, "cork" | "uncork">;

/** A piece of at least so many bytes is one of many. */
const BULK_PIECE_BYTES = 8 * 1024;

/** So many bytes are worth a write of their own. */
const FULL_WRITE_BYTES = 64 * 1024;

/**
 * Makes one write of what belongs together: a read brings the end of one frame and the beginning of the next, and TLS gives what it read
 * in pieces of 16 KiB. What is small goes out before anything else is read.
 */
export class GatheredWrites {
  readonly #endOfTurn: (callback: () => void) => unknown;
  #held: Corkable | undefined;
  #bytes = 0;

  /** @param endOfTurn Calls back when all that could be read now has been; Node's `setImmediate` fits. */
  constructor(endOfTurn: (callback: () => void) => unknown) {
    this.#endOfTurn = endOfTurn;
  }

  /** Makes the writes of `write`, which are of so many bytes, part of what is gathered. */
  add(target: Corkable, bytes: number, write: () => void): void {
    if (this.#held === undefined) {
      this.#held = target;
      target.cork();
      if (bytes < BULK_PIECE_BYTES) void Promise.resolve().then(() => this.#flush());
      else this.#endOfTurn(() => this.#flush());
    }
    this.#bytes += bytes;
    write();
    if (this.#bytes >= FULL_WRITE_BYTES) this.#flush();
  }

  /** Of the target that was held, which may be another one's by now. */
  #flush(): void {
    const held = this.#held;
    this.#held = undefined;
    this.#bytes = 0;
    held?.uncork();
  }
}
