import { badFrame, FRAME_HEADER_BYTES, FrameType, maxPayloadBytes, readUint32 } from "./frame.ts";

/** What a reader finds, in the order of the bytes. */
export interface FrameSink {
  /** A part of a DATA frame's payload; parts need not be whole frames. */
  data(id: number, bytes: Uint8Array): void;
  /** Any other frame, whole. The payload is its own memory, or that of the message it came in. */
  frame(type: FrameType, id: number, payload: Uint8Array): void;
}

const MAX_HELD_PIECES = 256;

const NOTHING = new Uint8Array(0);

/**
 * Reads frames from binary messages that may come in pieces. Payloads of DATA are handed on piece by piece, so that bulk is never
 * copied; other frames are collected, up to their limit.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES);
  #headerLength = 0;
  #type: number = 0;
  #id = 0;
  #limit = 0;
  /** Payload bytes of this frame so far. */
  #length = 0;
  #held: Uint8Array[] = [];

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /**
   * A piece of a binary message; pieces must come in order.
   * @param isLast The message ends with it.
   * @throws FairleadError bad_frame; the reader is of no use then. And whatever the sink throws.
   */
  push(piece: Uint8Array, isLast: boolean): void {
    let at = 0;
    while (this.#headerLength < FRAME_HEADER_BYTES && at < piece.length) {
      this.#header[this.#headerLength++] = piece[at++] ?? 0;
      if (this.#headerLength === FRAME_HEADER_BYTES) this.#begin();
    }
    if (at < piece.length) this.#payload(at === 0 ? piece : piece.subarray(at));
    if (isLast) this.#end();
  }

  #begin(): void {
    this.#type = this.#header[0] ?? 0;
    this.#id = readUint32(this.#header, 1);
    const limit = maxPayloadBytes(this.#type);
    if (limit === undefined) throw badFrame(`there is no frame type ${this.#type}`);
    this.#limit = limit;
  }

  #payload(bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#length > this.#limit)
      throw badFrame(`the payload of frame type ${this.#type} is over its ${this.#limit} bytes`);
    if (this.#type === FrameType.Data) {
      this.#sink.data(this.#id, bytes);
      return;
    }
    this.#held.push(bytes);
    // A peer that sends byte by byte costs bytes, not objects.
    if (this.#held.length >= MAX_HELD_PIECES) this.#held = [joined(this.#held, this.#length)];
  }

  #end(): void {
    if (this.#headerLength < FRAME_HEADER_BYTES) throw badFrame("it is shorter than a frame's header");
    const type = this.#type as FrameType;
    const held = this.#held;
    const length = this.#length;
    this.#headerLength = 0;
    this.#length = 0;
    if (held.length > 0) this.#held = [];
    if (type === FrameType.Data) {
      if (length === 0) this.#sink.data(this.#id, NOTHING);
      return;
    }
    if (type === FrameType.Window && length !== 4) throw badFrame("a WINDOW has 4 bytes");
    this.#sink.frame(type, this.#id, joined(held, length));
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  if (pieces.length <= 1) return pieces[0] ?? NOTHING;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
