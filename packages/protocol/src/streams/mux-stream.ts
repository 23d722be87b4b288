import { DATA_FRAME_BYTES, INITIAL_WINDOW_BYTES } from "../limits.ts";
import { FairleadError } from "../errors.ts";
import { badFrame } from "./frame.ts";
import { countReadGarbage } from "./read-garbage.ts";
import { ReceiveWindow, type WindowBudget } from "./receive-window.ts";
import type { StreamHead } from "./stream-head.ts";

/** Who uses a stream. Called in the order of the wire, never before the call that made the stream has returned. */
export interface StreamUser {
  /** The answer's head, on the hub's side; several, when interim ones (below 200, not 101) come first. */
  head?(head: StreamHead): void;
  /** Bytes of the other side. Each must be told to `consumed` in time, or the sender stands still once its window is full. */
  data(bytes: Uint8Array): void;
  /** The other side sends no more. This side may go on. */
  end(): void;
  /** The stream was broken off, by the other side or with the connection. Nothing follows. Not called for an own `reset`. */
  reset(error: FairleadError): void;
}

/** What streams need of their connection. */
export interface StreamCarrier {
  readonly budget: WindowBudget;
  /** The stream may have something to send: gives it its turn. */
  ready(stream: MuxStream): void;
  sendData(stream: MuxStream, bytes: Uint8Array, written: (() => void) | undefined, hasHeadroom: boolean): void;
  sendEnd(stream: MuxStream): void;
  sendReset(stream: MuxStream, code: string, message: string): void;
  sendWindow(stream: MuxStream, bytes: number): void;
  sendBlocked(stream: MuxStream): void;
  sendHead(stream: MuxStream, head: StreamHead): void;
  finished(stream: MuxStream): void;
}

interface Chunk {
  readonly bytes: Uint8Array;
  readonly written: (() => void) | undefined;
  readonly hasHeadroom: boolean;
}

/** One call on a connection: bytes both ways, each with a window and an end of its own. */
export class MuxStream {
  readonly id: number;
  readonly #carrier: StreamCarrier;
  readonly #window: ReceiveWindow;
  #user: StreamUser | undefined;
  /** What waits to be sent. */
  readonly #chunks: Chunk[] = [];
  /** How much of the first chunk is sent already. */
  #sentOfFirst = 0;
  #credit = INITIAL_WINDOW_BYTES;
  #queuedBytes = 0;
  #saidBlocked = false;
  #isEnding = false;
  #sentEnd = false;
  #gotHead = false;
  #gotEnd = false;
  #isOver = false;
  /** In the queue for a turn; the connection's own mark. */
  isWaiting = false;

  /** @internal Streams are made by `StreamMux`. */
  constructor(id: number, carrier: StreamCarrier) {
    this.id = id;
    this.#carrier = carrier;
    this.#window = new ReceiveWindow(carrier.budget);
  }

  /** Who gets what comes; must be set in the turn in which the stream is made. */
  set user(user: StreamUser) {
    this.#user = user;
  }

  /** Neither side can send or receive any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Bytes that wait for credit or for their turn. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Bytes that came and were not told to `consumed` yet. */
  get unconsumedBytes(): number {
    return this.#window.waitingBytes;
  }

  /**
   * Queues bytes. Their memory belongs to the connection until `written` is called: it may be changed, and may be sent later. After an end
   * or reset they are dropped.
   * @param written Called once they are handed to the network, or dropped. A sender that waits for it holds no more than one chunk here.
   * @param hasHeadroom The `MAX_FRAME_HEADROOM` bytes before them in their buffer may be overwritten too, which saves a write.
   */
  write(bytes: Uint8Array, written?: () => void, hasHeadroom = false): void {
    if (this.#isOver || this.#isEnding || bytes.length === 0) {
      written?.();
      return;
    }
    // With headroom it is a buffer that is used again.
    if (!hasHeadroom) countReadGarbage(bytes.length);
    this.#chunks.push({ bytes, written, hasHeadroom });
    this.#queuedBytes += bytes.length;
    this.#carrier.ready(this);
  }

  /** No more bytes from this side, after those that are queued. */
  end(): void {
    if (this.#isOver || this.#isEnding) return;
    this.#isEnding = true;
    if (this.#chunks.length === 0) this.#sendEnd();
  }

  /** Sends an answer's head, on the agent's side. @throws FairleadError payload_too_large */
  sendHead(head: StreamHead): void {
    if (!this.#isOver && !this.#isEnding) this.#carrier.sendHead(this, head);
  }

  /** Breaks the stream off, in both directions. */
  reset(code: string, message: string): void {
    if (this.#isOver) return;
    this.#carrier.sendReset(this, code, message);
    this.#finish();
  }

  /** The user has taken so many of the bytes that it got: the sender may send as many more. */
  consumed(bytes: number): void {
    const grant = this.#window.consume(bytes);
    if (grant > 0 && !this.#isOver && !this.#gotEnd) this.#carrier.sendWindow(this, grant);
  }

  // What the connection does with it.

  /** @internal */
  get canSend(): boolean {
    return this.#chunks.length > 0 && this.#credit > 0 && !this.#isOver;
  }

  /** @internal Queued bytes without credit: says so once. */
  sayBlocked(): void {
    if (this.#isOver || this.#saidBlocked || this.#credit > 0 || this.#chunks.length === 0) return;
    this.#saidBlocked = true;
    this.#carrier.sendBlocked(this);
  }

  /** @internal Sends one frame. */
  sendOne(): void {
    const first = this.#chunks[0];
    if (first === undefined) return;
    const from = this.#sentOfFirst;
    const length = Math.min(first.bytes.length - from, this.#credit, DATA_FRAME_BYTES);
    const isLast = from + length === first.bytes.length;
    this.#credit -= length;
    this.#queuedBytes -= length;
    this.#sentOfFirst = isLast ? 0 : from + length;
    if (isLast) this.#chunks.shift();
    const part = from === 0 && isLast ? first.bytes : first.bytes.subarray(from, from + length);
    this.#carrier.sendData(this, part, isLast ? first.written : undefined, first.hasHeadroom && from === 0);
    if (this.#isEnding && this.#chunks.length === 0) this.#sendEnd();
  }

  /** @internal */
  receiveHead(head: StreamHead): void {
    if (this.#gotHead || this.#gotEnd) throw badFrame("a second HEAD, or one after END");
    if (head.status >= 200 || head.status === 101) this.#gotHead = true;
    this.#user?.head?.(head);
  }

  /** @internal @param needsHead The other side answers: its head comes first. */
  receiveData(bytes: Uint8Array, needsHead: boolean): void {
    if (this.#gotEnd) throw badFrame("DATA after END");
    if (needsHead && !this.#gotHead) throw badFrame("DATA before HEAD");
    if (bytes.length === 0) return;
    if (this.#window.receive(bytes.length)) this.#user?.data(bytes);
    else this.#breakOff("stream_overrun", "More bytes came on a stream than its window allows.");
  }

  /** @internal */
  receiveEnd(needsHead: boolean): void {
    if (this.#gotEnd) throw badFrame("a second END");
    if (needsHead && !this.#gotHead) throw badFrame("END before HEAD");
    this.#gotEnd = true;
    // First, so that its user sees whether it is over.
    if (this.#sentEnd) this.#finish();
    this.#user?.end();
  }

  /** @internal The other side, or the end of the connection, broke it off. */
  receiveReset(error: FairleadError): void {
    if (this.#isOver) return;
    this.#finish();
    this.#user?.reset(error);
  }

  /** @internal */
  receiveWindow(bytes: number): void {
    this.#credit += bytes;
    if (this.#credit > Number.MAX_SAFE_INTEGER) throw badFrame("a window without bounds");
    this.#saidBlocked = false;
    this.#carrier.ready(this);
  }

  /** @internal */
  receiveBlocked(): void {
    if (this.#gotEnd) return;
    const grant = this.#window.senderWaits();
    if (grant > 0) this.#carrier.sendWindow(this, grant);
  }

  #breakOff(code: "stream_overrun", message: string): void {
    this.#carrier.sendReset(this, code, message);
    this.#finish();
    this.#user?.reset(new FairleadError(code, message));
  }

  #sendEnd(): void {
    if (this.#sentEnd) return;
    this.#sentEnd = true;
    this.#carrier.sendEnd(this);
    if (this.#gotEnd) this.#finish();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#window.close();
    this.#queuedBytes = 0;
    this.#carrier.finished(this);
    for (const { written } of this.#chunks.splice(0)) written?.();
  }
}
