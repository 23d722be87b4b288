import { FairleadError } from "@fairlead/protocol";
import type { ReadGate } from "./read-gate.ts";

/** What a waiting chunk costs beside its bytes: a flood of one-byte chunks must not hide behind their size. */
const CHUNK_OVERHEAD_BYTES = 256;

/** Stands where a taken chunk was, so that it can be freed. */
const NOTHING = new Uint8Array(0);

interface Waiter {
  resolve(result: IteratorResult<Uint8Array, undefined>): void;
  reject(error: unknown): void;
}

/**
 * Bytes from an agent on their way to one reader. The sender cannot be told to wait, so what the reader has not taken
 * waits here, and the gate stops reading from the agent while there is too much of it.
 */
export class InboundStream implements AsyncIterable<Uint8Array> {
  readonly #gate: ReadGate;
  readonly #giveUp: (error: FairleadError) => void;
  readonly #chunks: Uint8Array[] = [];
  /** Index of the next chunk in `#chunks`: shifting a long array for every chunk would be quadratic. */
  #next = 0;
  #waiting: Waiter | undefined;
  #end: { error?: FairleadError } | undefined;
  #isRead = false;
  /** Cost of what waits. */
  waitingBytes = 0;
  /** Cost of all that the reader took. */
  takenBytes = 0;

  /** @param giveUp Ends the call: its reader left before the end (`cancelled`), or takes too little (`slow_reader`). */
  constructor(gate: ReadGate, giveUp: (error: FairleadError) => void) {
    this.#gate = gate;
    this.#giveUp = giveUp;
    gate.add();
  }

  /** Bytes from the agent, in order. After the end they are dropped. */
  push(chunk: Uint8Array): void {
    if (this.#end !== undefined || chunk.length === 0) return;
    if (this.#waiting !== undefined) {
      const waiter = this.#waiting;
      this.#waiting = undefined;
      this.takenBytes += cost(chunk);
      waiter.resolve({ done: false, value: chunk });
      return;
    }
    this.#chunks.push(chunk);
    this.waitingBytes += cost(chunk);
    this.#gate.grew(this);
  }

  /** Nothing more comes, and all is well: the reader gets what waits, then the end. Only the first end counts. */
  end(): void {
    this.#finish();
  }

  /** Ends with `error`, after what waits; at once where the reader is the reason. Only the first end counts. */
  fail(error: FairleadError): void {
    if (error.code === "cancelled" || error.code === "slow_reader") this.#drop();
    this.#finish(error);
  }

  /** The gate's: the reader holds up the agent. */
  tooSlow(): void {
    this.#giveUp(
      new FairleadError("slow_reader", "The reader of the stream took too little while others had to wait."),
    );
  }

  #finish(error?: FairleadError): void {
    if (this.#end !== undefined) return;
    this.#end = error === undefined ? {} : { error };
    this.#gate.remove(this);
    if (this.#waiting === undefined) return;
    const waiter = this.#waiting;
    this.#waiting = undefined;
    if (error === undefined) waiter.resolve({ done: true, value: undefined });
    else waiter.reject(error);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    if (this.#isRead) throw new FairleadError("internal", "The body of a stream can be read only once.");
    this.#isRead = true;
    return {
      next: () => this.#take(),
      return: () => {
        this.#drop();
        if (this.#end === undefined) this.#giveUp(cancelled());
        this.#finish();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  #take(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk = this.#chunks[this.#next];
    if (chunk !== undefined) {
      this.#forgetTaken();
      this.waitingBytes -= cost(chunk);
      this.takenBytes += cost(chunk);
      this.#gate.shrank(this);
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#end?.error !== undefined) return Promise.reject(this.#end.error);
    if (this.#end !== undefined) return Promise.resolve({ done: true, value: undefined });
    if (this.#waiting !== undefined) {
      return Promise.reject(new FairleadError("internal", "The body of a stream has one reader that waits already."));
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  #forgetTaken(): void {
    this.#chunks[this.#next] = NOTHING;
    this.#next += 1;
    // Keeps the array at most twice as long as what waits.
    if (this.#next * 2 < this.#chunks.length) return;
    this.#chunks.splice(0, this.#next);
    this.#next = 0;
  }

  #drop(): void {
    this.#chunks.length = 0;
    this.#next = 0;
    this.waitingBytes = 0;
  }
}

/** The caller wants no more of a call. */
export function cancelled(): FairleadError {
  return new FairleadError("cancelled", "The caller went away before the answer.");
}

function cost(chunk: Uint8Array): number {
  return chunk.length + CHUNK_OVERHEAD_BYTES;
}
