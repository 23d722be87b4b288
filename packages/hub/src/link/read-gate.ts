import type { InboundStream } from "./inbound-stream.ts";
import type { LinkLimits } from "./link-limits.ts";

/** No stream's share of the session's buffer is smaller: below it every chunk of an agent (64 KiB) would stop the reading. */
const MIN_HIGH_WATER_BYTES = 64 * 1024;

/** A stream above its mark: since when, and how much its reader had taken then. */
interface Hold {
  since: number;
  taken: number;
}

/**
 * Decides when the hub reads from an agent's WebSocket. 1.0 has no flow control per stream: the only way not to buffer
 * without end is to stop reading from the agent altogether, which holds up everything else on that host. So a reader that
 * causes it and does not keep up is cut after `slowReaderMs`, and the others go on.
 */
export class ReadGate {
  readonly #limits: LinkLimits;
  readonly #pause: () => void;
  readonly #resume: () => void;
  readonly #cut: (stream: InboundStream) => void;
  readonly #holds = new Map<InboundStream, Hold>();
  #open = 0;

  /** @param cut Ends a stream because of its reader; must end it before it returns. */
  constructor(limits: LinkLimits, pause: () => void, resume: () => void, cut: (stream: InboundStream) => void) {
    this.#limits = limits;
    this.#pause = pause;
    this.#resume = resume;
    this.#cut = cut;
  }

  get isClosed(): boolean {
    return this.#holds.size > 0;
  }

  add(): void {
    this.#open += 1;
  }

  grew(stream: InboundStream): void {
    if (stream.waitingBytes <= this.#highWater() || this.#holds.has(stream)) return;
    this.#holds.set(stream, { since: Date.now(), taken: stream.takenBytes });
    if (this.#holds.size === 1) this.#pause();
  }

  shrank(stream: InboundStream): void {
    if (stream.waitingBytes <= Math.min(this.#limits.streamLowWaterBytes, this.#highWater())) this.#release(stream);
  }

  /** The stream takes no more from the agent; what waits in it holds nobody up. */
  remove(stream: InboundStream): void {
    this.#open -= 1;
    this.#release(stream);
  }

  /** Called every now and then while the session lasts. */
  check(now: number): void {
    for (const [stream, hold] of this.#holds) {
      if (now - hold.since < this.#limits.slowReaderMs) continue;
      if (stream.takenBytes - hold.taken < this.#limits.slowReaderBytes) this.#cut(stream);
      else this.#holds.set(stream, { since: now, taken: stream.takenBytes });
    }
  }

  #release(stream: InboundStream): void {
    if (this.#holds.delete(stream) && this.#holds.size === 0) this.#resume();
  }

  #highWater(): number {
    const { streamHighWaterBytes, sessionHighWaterBytes } = this.#limits;
    const share = Math.floor(sessionHighWaterBytes / Math.max(1, this.#open));
    return Math.min(streamHighWaterBytes, Math.max(MIN_HIGH_WATER_BYTES, share));
  }
}
