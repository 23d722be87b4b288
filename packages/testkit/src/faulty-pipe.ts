import { once } from "node:events";
import type { Socket } from "node:net";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";

/** State of one direction of a faulty network, shared by all its connections and changed while they run. */
export interface LinkConditions {
  /** Bytes read so far. */
  bytes: number;
  /** Who waits for `bytes` to reach a number. */
  watchers: { atBytes: number; reached: () => void }[];
  stalled: boolean;
  swallowing: boolean;
  delayMs: number;
  bytesPerSecond: number;
  byteByByte: boolean;
  garbage: { afterBytes: number; bytes: Uint8Array } | undefined;
}

interface Parcel {
  /** Undefined: the end. */
  data: Buffer | undefined;
  /** When it may leave, on the clock of `performance.now()`. */
  dueAt: number;
}

/** What is under way on a delayed link: enough for 160 MB/s over 100 ms, and a bound when the reader is slow. */
const MAX_QUEUED_BYTES = 16 * 1024 * 1024;
/** Under a bandwidth limit no more than this is written at once, so that the rate is even. */
const MAX_LIMITED_WRITE_BYTES = 4 * 1024;
const MIN_PACE_MS = 5;

/** Carries bytes from one socket to another under the given conditions. */
export class FaultyPipe {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #conditions: LinkConditions;
  #queue: Parcel[] = [];
  #queuedBytes = 0;
  #closed = false;
  #freeAt = 0;
  #wake = Promise.withResolvers<void>();

  constructor(source: Socket, sink: Socket, conditions: LinkConditions) {
    this.#source = source;
    this.#sink = sink;
    this.#conditions = conditions;
    source.on("data", (data: Buffer) => {
      conditions.bytes += data.length;
      for (const { atBytes, reached } of conditions.watchers) if (atBytes <= conditions.bytes) reached();
      this.#enqueue(data);
    });
    source.once("end", () => this.#enqueue(undefined));
    void this.#run();
    this.wake();
  }

  /** Looks at the conditions again. */
  wake(): void {
    const isFull = this.#queuedBytes >= MAX_QUEUED_BYTES;
    if (this.#conditions.stalled || isFull) this.#source.pause();
    else this.#source.resume();
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.wake();
  }

  #enqueue(data: Buffer | undefined): void {
    if (this.#conditions.swallowing) return;
    this.#queue.push({ data, dueAt: performance.now() + this.#conditions.delayMs });
    this.#queuedBytes += data?.length ?? 0;
    this.wake();
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      const parcel = this.#queue[0];
      if (!parcel || this.#conditions.stalled) {
        await this.#wake.promise;
        continue;
      }
      const waitMs = parcel.dueAt - performance.now();
      if (waitMs > 0) {
        await sleep(waitMs);
        continue;
      }
      this.#queue.shift();
      this.#queuedBytes -= parcel.data?.length ?? 0;
      if (this.#source.isPaused()) this.wake();
      if (this.#conditions.swallowing) continue;
      if (parcel.data) await this.#writeShaped(this.#withGarbage(parcel.data));
      else this.#sink.end();
    }
  }

  #withGarbage(data: Buffer): Buffer {
    const { garbage } = this.#conditions;
    if (!garbage) return data;
    if (data.length < garbage.afterBytes) {
      garbage.afterBytes -= data.length;
      return data;
    }
    this.#conditions.garbage = undefined;
    return Buffer.concat([data.subarray(0, garbage.afterBytes), garbage.bytes, data.subarray(garbage.afterBytes)]);
  }

  async #writeShaped(data: Buffer): Promise<void> {
    let rest = data;
    while (rest.length > 0 && !this.#closed) {
      // Read anew each time: a switch that is thrown in the middle of a large chunk holds for the rest of it.
      const { byteByByte, bytesPerSecond, stalled } = this.#conditions;
      if (stalled) {
        await this.#wake.promise;
        continue;
      }
      const isLimited = Number.isFinite(bytesPerSecond);
      const part = rest.subarray(0, byteByByte ? 1 : isLimited ? MAX_LIMITED_WRITE_BYTES : rest.length);
      rest = rest.subarray(part.length);
      await this.#write(part);
      if (isLimited) await this.#pace(part.length / bytesPerSecond);
      // The reader gets a turn, or the kernel would join the bytes again.
      else if (byteByByte) await turn();
    }
  }

  /** Waits until the seconds that bytes take have passed; timers are too coarse for each part, so small debts add up first. */
  async #pace(seconds: number): Promise<void> {
    this.#freeAt = Math.max(this.#freeAt, performance.now()) + seconds * 1_000;
    const waitMs = this.#freeAt - performance.now();
    if (waitMs >= MIN_PACE_MS) await sleep(waitMs);
  }

  async #write(data: Buffer): Promise<void> {
    if (!this.#sink.writable) return;
    if (this.#sink.write(data)) return;
    // "close" instead of "drain" when the sink goes away.
    const abort = new AbortController();
    const wait = { signal: abort.signal };
    await Promise.race([once(this.#sink, "drain", wait), once(this.#sink, "close", wait)]).catch(() => {});
    abort.abort();
  }
}
