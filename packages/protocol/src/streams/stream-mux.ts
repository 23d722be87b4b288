import { FairleadError } from "../errors.ts";
import { MAX_DATA_BACKLOG_BYTES, MAX_OPEN_STREAMS } from "../limits.ts";
import { badFrame, FrameType, MAX_STREAM_ID, readUint32, writeUint32 } from "./frame.ts";
import { FrameReader } from "./frame-reader.ts";
import { MuxStream, type StreamCarrier } from "./mux-stream.ts";
import { countReadGarbage } from "./read-garbage.ts";
import { WindowBudget } from "./receive-window.ts";
import {
  decodeHead,
  decodeOpen,
  decodeReset,
  encodeReset,
  encodeStreamHead,
  type StreamHead,
  type StreamOpen,
} from "./stream-head.ts";

/** Where frames go: each becomes one binary message. */
export interface FramePipe {
  /** Bytes handed over and not yet written to the network, whoever sent them. */
  readonly bufferedBytes: number;
  /**
   * @param payload May be changed: a client masks what it sends.
   * @param written The payload's memory is free again.
   * @param hasHeadroom The `MAX_FRAME_HEADROOM` bytes before the payload may be overwritten.
   */
  send(type: FrameType, id: number, payload: Uint8Array, written?: () => void, hasHeadroom?: boolean): void;
}

export interface StreamMuxOptions {
  readonly pipe: FramePipe;
  /** A clock, in any unit, such as `performance.now`: windows grow by it. */
  readonly now: () => number;
  /** The peer broke the extension's rules: the connection is to be closed with this error's code. Called at most once. */
  readonly onViolation: (error: FairleadError) => void;
  /** The agent's side: a call begins. It must set the stream's `user` before it returns. Without it this is the hub's side. */
  readonly onOpen?: (stream: MuxStream, open: StreamOpen) => void;
}

const NOTHING = new Uint8Array(0);

/**
 * All streams of one connection. Both ends use it: the hub opens streams, the agent answers them. It holds no sockets, timers or clocks;
 * whoever owns it feeds it what comes (`receive`), says when the network takes more (`writable`) and when it is gone (`close`).
 */
export class StreamMux implements StreamCarrier {
  readonly budget: WindowBudget;
  readonly #options: StreamMuxOptions;
  readonly #pipe: FramePipe;
  readonly #reader: FrameReader;
  readonly #streams = new Map<number, MuxStream>();
  /** Streams that wait for their turn. */
  readonly #turns: MuxStream[] = [];
  #lastId = 0;
  #isPumping = false;
  #closed: FairleadError | undefined;

  constructor(options: StreamMuxOptions) {
    this.#options = options;
    this.#pipe = options.pipe;
    this.budget = new WindowBudget(options.now);
    this.#reader = new FrameReader({
      data: (id, bytes) => this.#stream(id)?.receiveData(bytes, this.#isHub),
      frame: (type, id, payload) => this.#frame(type, id, payload),
    });
  }

  /** Streams that are open now. */
  get openStreams(): number {
    return this.#streams.size;
  }

  /**
   * Begins a call, on the hub's side.
   * @throws FairleadError too_many_streams, payload_too_large (headers), or what the connection was closed with.
   */
  open(head: StreamOpen): MuxStream {
    if (this.#closed) throw this.#closed;
    if (this.#streams.size >= MAX_OPEN_STREAMS || this.#lastId === MAX_STREAM_ID) throw tooMany();
    const payload = encodeStreamHead(head);
    this.#lastId += 1;
    const stream = this.#add(this.#lastId);
    this.#pipe.send(FrameType.Open, stream.id, payload);
    return stream;
  }

  /** A piece of a binary message; `isLast` ends the message. Never throws on peer input. */
  receive(piece: Uint8Array, isLast: boolean): void {
    if (this.#closed) return;
    countReadGarbage(piece.length);
    try {
      this.#reader.push(piece, isLast);
    } catch (error) {
      if (!(error instanceof FairleadError) || error.code !== "bad_frame") throw error;
      this.close(error);
      this.#options.onViolation(error);
    }
  }

  /** The network may take more. */
  writable(): void {
    this.#pump();
  }

  /** The connection is gone: every stream ends with this error. */
  close(error: FairleadError): void {
    if (this.#closed) return;
    this.#closed = error;
    for (const stream of this.#streams.values()) stream.receiveReset(error);
  }

  // What streams need.

  ready(stream: MuxStream): void {
    if (stream.canSend && !stream.isWaiting) {
      stream.isWaiting = true;
      this.#turns.push(stream);
    }
    if (stream.isWaiting) this.#pump();
    else stream.sayBlocked();
  }

  sendData(stream: MuxStream, bytes: Uint8Array, written: (() => void) | undefined, hasHeadroom: boolean): void {
    this.#pipe.send(FrameType.Data, stream.id, bytes, written, hasHeadroom);
  }

  sendEnd(stream: MuxStream): void {
    this.#send(FrameType.End, stream, NOTHING);
  }

  sendHead(stream: MuxStream, head: StreamHead): void {
    this.#send(FrameType.Head, stream, encodeStreamHead(head));
  }

  sendReset(stream: MuxStream, code: string, message: string): void {
    this.#send(FrameType.Reset, stream, encodeReset(code, message));
  }

  sendWindow(stream: MuxStream, bytes: number): void {
    const payload = new Uint8Array(4);
    writeUint32(payload, 0, bytes);
    this.#send(FrameType.Window, stream, payload);
  }

  sendBlocked(stream: MuxStream): void {
    this.#send(FrameType.Blocked, stream, NOTHING);
  }

  finished(stream: MuxStream): void {
    this.#streams.delete(stream.id);
  }

  #send(type: FrameType, stream: MuxStream, payload: Uint8Array): void {
    if (!this.#closed) this.#pipe.send(type, stream.id, payload);
  }

  /** Streams with bytes and credit take turns, a frame each, while the network has room. */
  #pump(): void {
    if (this.#isPumping || this.#closed) return;
    this.#isPumping = true;
    while (this.#turns.length > 0 && this.#pipe.bufferedBytes < MAX_DATA_BACKLOG_BYTES) {
      const stream = this.#turns.shift();
      if (stream === undefined) break;
      stream.isWaiting = false;
      if (!stream.canSend) continue;
      stream.sendOne();
      if (!stream.canSend) {
        stream.sayBlocked();
      } else if (!stream.isWaiting) {
        // It waits already when `written` was called at once, and its writer wrote again.
        stream.isWaiting = true;
        this.#turns.push(stream);
      }
    }
    this.#isPumping = false;
  }

  // What comes from the peer.

  get #isHub(): boolean {
    return this.#options.onOpen === undefined;
  }

  #add(id: number): MuxStream {
    const stream = new MuxStream(id, this);
    this.#streams.set(id, stream);
    return stream;
  }

  /** The open stream with this id; `undefined` when it is finished. @throws FairleadError bad_frame when it was never opened */
  #stream(id: number): MuxStream | undefined {
    if (id > this.#lastId || id === 0) throw badFrame(`stream ${id} was never opened`);
    return this.#streams.get(id);
  }

  #frame(type: FrameType, id: number, payload: Uint8Array): void {
    if (type === FrameType.Open) {
      this.#opened(id, payload);
      return;
    }
    const stream = this.#stream(id);
    // The end of a stream and a frame about it may pass each other.
    if (stream === undefined) return;
    switch (type) {
      case FrameType.Head:
        if (!this.#isHub) throw badFrame("a hub sends no HEAD");
        stream.receiveHead(decodeHead(payload));
        return;
      case FrameType.End:
        stream.receiveEnd(this.#isHub);
        return;
      case FrameType.Reset:
        stream.receiveReset(decodeReset(payload));
        return;
      case FrameType.Window:
        stream.receiveWindow(readUint32(payload, 0));
        return;
      case FrameType.Blocked:
        stream.receiveBlocked();
        return;
      default:
    }
  }

  #opened(id: number, payload: Uint8Array): void {
    const { onOpen } = this.#options;
    if (onOpen === undefined) throw badFrame("an agent opens no streams");
    if (id <= this.#lastId) throw badFrame(`stream id ${id} is not above ${this.#lastId}`);
    const open = decodeOpen(payload);
    this.#lastId = id;
    const isFull = this.#streams.size >= MAX_OPEN_STREAMS;
    const stream = this.#add(id);
    if (isFull) {
      const { code, message } = tooMany();
      stream.reset(code, message);
    } else {
      onOpen(stream, open);
    }
  }
}

function tooMany(): FairleadError {
  return new FairleadError(
    "too_many_streams",
    `${MAX_OPEN_STREAMS} streams are open on this connection, which is the limit; try again when some have ended.`,
  );
}
