import { FairleadError } from "@fairlead/protocol";
import type { Caller } from "../access/caller.ts";

/** Each reader is a socket with up to 64 KiB before it; a browser tab is one. */
const MAX_READERS = 1_000;
/** Of one token or person: more tabs than anybody has. */
const MAX_READERS_OF_ONE = 100;

/** The readers of `/stream` that are connected now. */
export class StreamReaders {
  readonly #stop = new AbortController();
  #connected = 0;
  readonly #byCaller = new Map<string, number>();

  get connected(): number {
    return this.#connected;
  }

  async serve(caller: Caller, send: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#connected += 1;
    this.#count(caller, 1);
    try {
      await send(this.#stop.signal);
    } finally {
      this.#connected -= 1;
      this.#count(caller, -1);
    }
  }

  #count({ kind, id }: Caller, change: 1 | -1): void {
    const key = `${kind} ${id}`;
    const count = (this.#byCaller.get(key) ?? 0) + change;
    if (count === 0) this.#byCaller.delete(key);
    else this.#byCaller.set(key, count);
  }

  /** @throws FairleadError too_many_requests, shutting_down. */
  check({ kind, id, name }: Caller): void {
    if ((this.#byCaller.get(`${kind} ${id}`) ?? 0) >= MAX_READERS_OF_ONE) {
      throw new FairleadError(
        "too_many_requests",
        `${name} follows /api/v1/stream ${MAX_READERS_OF_ONE} times already.`,
      );
    }
    if (this.#stop.signal.aborted) throw new FairleadError("shutting_down", "The hub is stopping; dial again shortly.");
    if (this.#connected >= MAX_READERS) {
      throw new FairleadError("too_many_requests", `${MAX_READERS} readers follow /api/v1/stream already.`);
    }
  }

  /** Ends all readers: they dial again, and resume where they were. */
  stop(): void {
    this.#stop.abort();
  }
}
