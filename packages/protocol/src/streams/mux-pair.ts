/** Both ends of a connection joined in memory, for tests: every byte moves only when it is told to, and every rule of the wire is checked. */
import { DATA_FRAME_BYTES, INITIAL_WINDOW_BYTES, MAX_DATA_BACKLOG_BYTES } from "../limits.ts";
import type { FairleadError } from "../errors.ts";
import { FRAME_HEADER_BYTES, FrameType, readUint32, writeFrameHeader } from "./frame.ts";
import type { MuxStream } from "./mux-stream.ts";
import { type FramePipe, StreamMux } from "./stream-mux.ts";
import type { StreamOpen } from "./stream-head.ts";

interface Sending {
  readonly type: FrameType;
  readonly id: number;
  readonly payload: Uint8Array;
  readonly written: (() => void) | undefined;
}

/** What one end sent, in order. */
export interface SentFrame {
  readonly type: FrameType;
  readonly id: number;
  readonly length: number;
}

/** One direction: frames wait in the sender's buffer, then on the wire, then they are delivered in pieces. */
export class Direction implements FramePipe {
  bufferedBytes = 0;
  readonly sent: SentFrame[] = [];
  /** DATA bytes that each stream of the sender may still send, as the peer granted them. */
  readonly credit = new Map<number, number>();
  readonly #buffer: Sending[] = [];
  readonly #wire: Uint8Array[] = [];
  #deliveredOfFirst = 0;

  /** The network took everything. */
  get isDrained(): boolean {
    return this.#buffer.length === 0;
  }

  get isEmpty(): boolean {
    return this.#buffer.length === 0 && this.#wire.length === 0;
  }

  send(type: FrameType, id: number, payload: Uint8Array, written?: () => void): void {
    if (type === FrameType.Data) {
      const credit = (this.credit.get(id) ?? INITIAL_WINDOW_BYTES) - payload.length;
      if (credit < 0) throw new Error(`stream ${id} sent ${-credit} bytes more than it may`);
      if (payload.length > DATA_FRAME_BYTES) throw new Error("a frame is longer than a turn");
      if (this.bufferedBytes >= MAX_DATA_BACKLOG_BYTES) throw new Error("DATA was sent into a full buffer");
      this.credit.set(id, credit);
    }
    this.sent.push({ type, id, length: payload.length });
    this.#buffer.push({ type, id, payload, written });
    this.bufferedBytes += FRAME_HEADER_BYTES + payload.length;
  }

  /** The network takes the oldest frame. */
  drain(): void {
    const frame = this.#buffer.shift();
    if (frame === undefined) return;
    const message = new Uint8Array(FRAME_HEADER_BYTES + frame.payload.length);
    writeFrameHeader(message, 0, frame.type, frame.id);
    message.set(frame.payload, FRAME_HEADER_BYTES);
    this.bufferedBytes -= message.length;
    this.#wire.push(message);
    // Nobody may look at the memory once it was handed back.
    if (frame.type === FrameType.Data && frame.written !== undefined) frame.payload.fill(0xee);
    frame.written?.();
  }

  /** Gives the receiver up to `length` bytes of the oldest message, never parts of two. `grants` gets the credit of a WINDOW. */
  deliver(length: number, receiver: StreamMux, opposite: Direction): void {
    const message = this.#wire[0];
    if (message === undefined) return;
    const from = this.#deliveredOfFirst;
    const to = Math.min(message.length, from + length);
    const isLast = to === message.length;
    this.#deliveredOfFirst = isLast ? 0 : to;
    if (isLast) {
      this.#wire.shift();
      if (message[0] === FrameType.Window) opposite.granted(readUint32(message, 1), readUint32(message, 5));
    }
    receiver.receive(message.subarray(from, to), isLast);
  }

  granted(id: number, bytes: number): void {
    this.credit.set(id, (this.credit.get(id) ?? INITIAL_WINDOW_BYTES) + bytes);
  }
}

/** A hub's end and an agent's end. */
export class MuxPair {
  readonly toAgent = new Direction();
  readonly toHub = new Direction();
  readonly violations: FairleadError[] = [];
  readonly hub: StreamMux;
  readonly agent: StreamMux;

  constructor(onOpen: (stream: MuxStream, open: StreamOpen) => void) {
    const onViolation = (error: FairleadError): void => void this.violations.push(error);
    let looks = 0;
    const now = (): number => (looks += 1);
    this.hub = new StreamMux({ pipe: this.toAgent, now, onViolation });
    this.agent = new StreamMux({ pipe: this.toHub, now, onViolation, onOpen });
  }

  get isQuiet(): boolean {
    return this.toAgent.isEmpty && this.toHub.isEmpty;
  }

  drain(toAgent: boolean): void {
    (toAgent ? this.toAgent : this.toHub).drain();
  }

  deliver(toAgent: boolean, length: number): void {
    if (toAgent) this.toAgent.deliver(length, this.agent, this.toHub);
    else this.toHub.deliver(length, this.hub, this.toAgent);
  }

  writable(toAgent: boolean): void {
    (toAgent ? this.hub : this.agent).writable();
  }

  /** Moves everything until nothing is left to move. */
  settle(): void {
    for (let round = 0; !this.isQuiet; round += 1) {
      if (round > 1_000_000) throw new Error("the ends never become quiet");
      for (const toAgent of [true, false]) {
        this.drain(toAgent);
        this.deliver(toAgent, Number.MAX_SAFE_INTEGER);
        this.writable(toAgent);
      }
    }
  }
}
