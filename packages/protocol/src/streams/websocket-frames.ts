/**
 * WebSocket framing (RFC 6455 section 5.2) of the one kind of message that carries bulk: whole binary messages, without copies.
 * Everything else on the connection (texts, pings, closes, fragments) stays with the WebSocket library.
 */
import { FRAME_HEADER_BYTES, type FrameType, readUint32, writeFrameHeader, writeUint32 } from "./frame.ts";
import type { FramePipe } from "./stream-mux.ts";

const FIN_BINARY = 0x82;
const MASK_BIT = 0x80;
const MAX_HEADER_BYTES = 14;
/** Above it a length is no safe integer: the library refuses it. */
const MAX_LENGTH_HIGH = 0x1f_ffff;

/** Room before a payload in which a masked message's header and the frame's header fit. */
export const MAX_FRAME_HEADROOM = MAX_HEADER_BYTES + FRAME_HEADER_BYTES;

/** XORs `bytes` in place with the four bytes of `key`, repeated from its first. */
export type ApplyMask = (bytes: Uint8Array, key: Uint8Array) => void;

/** What a splitter finds, in the order of the bytes. */
export interface SplitterSink {
  /** A piece of a binary message, unmasked. */
  binary(piece: Uint8Array, isLast: boolean): void;
  /** Bytes of everything else, as they came. */
  other(bytes: Uint8Array): void;
}

/** A payload from this on, in bytes, waits for no others. */
const LARGE_PAYLOAD_BYTES = 16 * 1024;

const NOTHING = new Uint8Array(0);

/** Takes whole binary messages out of the bytes of a WebSocket connection, in pieces as they come. */
export class WebSocketSplitter {
  readonly #sink: SplitterSink;
  readonly #applyMask: ApplyMask;
  /** Peers of this end mask what they send, or do not. */
  readonly #isMasked: boolean;
  readonly #header = new Uint8Array(MAX_HEADER_BYTES);
  #headerLength = 0;
  /** Payload bytes of the current frame that are still to come. */
  #left = 0;
  #isBinary = false;
  #key = new Uint8Array(4);

  /** @param isMasked True at a server. */
  constructor(sink: SplitterSink, isMasked: boolean, applyMask: ApplyMask) {
    this.#sink = sink;
    this.#isMasked = isMasked;
    this.#applyMask = applyMask;
  }

  /** Bytes as they come from the connection; they are changed in place. */
  push(chunk: Uint8Array): void {
    let at = 0;
    // What belongs to other messages and was not handed on yet begins here.
    let otherFrom = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const end = Math.min(chunk.length, at + this.#left);
        if (this.#isBinary) {
          this.#payload(chunk.subarray(at, end));
          otherFrom = end;
        } else {
          this.#left -= end - at;
        }
        at = end;
        continue;
      }
      const isContinued = this.#headerLength > 0;
      const headerAt = at;
      at = this.#readHeader(chunk, at);
      const isComplete = this.#headerLength === -1;
      if (isComplete) this.#headerLength = 0;
      if (isComplete && !this.#isBinary) {
        if (isContinued) this.#sink.other(this.#header.slice(0, headerBytes(this.#header)));
        if (isContinued) otherFrom = at;
        continue;
      }
      if (headerAt > otherFrom) this.#sink.other(chunk.subarray(otherFrom, headerAt));
      otherFrom = at;
      if (isComplete && this.#left === 0) this.#sink.binary(NOTHING, true);
    }
    if (otherFrom < chunk.length) this.#sink.other(otherFrom === 0 ? chunk : chunk.subarray(otherFrom));
  }

  /** Takes header bytes; `#headerLength` is -1 when it is complete. @returns where it ends, or the chunk does */
  #readHeader(chunk: Uint8Array, from: number): number {
    const header = this.#header;
    let at = from;
    while (at < chunk.length) {
      header[this.#headerLength++] = chunk[at++] ?? 0;
      if (this.#headerLength < 2 || this.#headerLength < headerBytes(header)) continue;
      this.#begin();
      this.#headerLength = -1;
      break;
    }
    return at;
  }

  #begin(): void {
    const header = this.#header;
    const second = header[1] ?? 0;
    const short = second & 0x7f;
    const isMasked = (second & MASK_BIT) !== 0;
    const high = short === 127 ? readUint32(header, 2) : 0;
    const low =
      short === 127 ? readUint32(header, 6) : short === 126 ? ((header[2] ?? 0) << 8) | (header[3] ?? 0) : short;
    this.#left = high * 2 ** 32 + low;
    this.#isBinary = header[0] === FIN_BINARY && isMasked === this.#isMasked && high <= MAX_LENGTH_HIGH;
    if (isMasked) this.#key = header.slice(headerBytes(header) - 4, headerBytes(header));
  }

  #payload(piece: Uint8Array): void {
    if (this.#isMasked) {
      this.#applyMask(piece, this.#key);
      if ((piece.length & 3) !== 0) this.#key = rotated(this.#key, piece.length & 3);
    }
    this.#left -= piece.length;
    this.#sink.binary(piece, this.#left === 0);
  }
}

function headerBytes(header: Uint8Array): number {
  const second = header[1] ?? 0;
  const short = second & 0x7f;
  return 2 + (short === 127 ? 8 : short === 126 ? 2 : 0) + ((second & MASK_BIT) === 0 ? 0 : 4);
}

function rotated(key: Uint8Array, by: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(4);
  for (let index = 0; index < 4; index += 1) result[index] = key[(index + by) & 3] ?? 0;
  return result;
}

/** The connection below a WebSocket; Node's sockets fit. */
export interface ByteConnection {
  /** Bytes handed over and not yet written to the network. */
  readonly writableLength: number;
  write(bytes: Uint8Array, written?: () => void): boolean;
  cork(): void;
  uncork(): void;
}

export interface BinaryPipeOptions {
  readonly connection: ByteConnection;
  /** False once the WebSocket is closing: nothing may be sent then. */
  readonly isOpen: () => boolean;
  /** At a client: four bytes that nobody can foretell, for each message. */
  readonly newMaskKey?: () => Uint8Array;
  readonly applyMask: ApplyMask;
  /**
   * Calls back when all that can be read now was read, as `setImmediate` does: what is sent until then goes out in one write.
   */
  readonly endOfTurn: (callback: () => void) => void;
}

/** Sends frames as binary messages, one each, straight to the connection below a WebSocket. */
export class BinaryPipe implements FramePipe {
  readonly #options: BinaryPipeOptions;
  #isCorked = false;

  constructor(options: BinaryPipeOptions) {
    this.#options = options;
  }

  get bufferedBytes(): number {
    return this.#options.connection.writableLength;
  }

  send(type: FrameType, id: number, payload: Uint8Array, written?: () => void, hasHeadroom = false): void {
    const { connection, isOpen, newMaskKey, applyMask } = this.#options;
    if (!isOpen()) {
      written?.();
      return;
    }
    const key = newMaskKey?.();
    // The frame's own header stands right before its payload, the WebSocket's before that.
    const headBytes = messageHeaderBytes(payload.length + FRAME_HEADER_BYTES, key !== undefined) + FRAME_HEADER_BYTES;
    const inPlace = hasHeadroom && payload.byteOffset >= headBytes;
    const head = inPlace
      ? new Uint8Array(payload.buffer, payload.byteOffset - headBytes, headBytes + payload.length)
      : new Uint8Array(headBytes);
    writeMessageHeader(head, payload.length + FRAME_HEADER_BYTES, key);
    writeFrameHeader(head, headBytes - FRAME_HEADER_BYTES, type, id);
    if (key !== undefined) {
      applyMask(head.subarray(headBytes - FRAME_HEADER_BYTES), key);
      if (!inPlace && payload.length > 0) applyMask(payload, rotated(key, FRAME_HEADER_BYTES & 3));
    }
    this.#cork();
    if (inPlace || payload.length === 0) {
      connection.write(head, written);
    } else {
      connection.write(head);
      connection.write(payload, written);
    }
    // Large ones gain nothing by it, and TLS would copy them into one.
    if (payload.length >= LARGE_PAYLOAD_BYTES) this.#uncork();
  }

  /** What is sent in one turn (heads, short bodies and ends of many calls, say) goes out in one write. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    const { connection, endOfTurn } = this.#options;
    connection.cork();
    endOfTurn(() => this.#uncork());
  }

  #uncork(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#options.connection.uncork();
  }
}

function messageHeaderBytes(length: number, isMasked: boolean): number {
  return 2 + (length > 0xffff ? 8 : length > 125 ? 2 : 0) + (isMasked ? 4 : 0);
}

function writeMessageHeader(target: Uint8Array, length: number, key: Uint8Array | undefined): void {
  const mask = key === undefined ? 0 : MASK_BIT;
  target[0] = FIN_BINARY;
  let at = 2;
  if (length > 0xffff) {
    target[1] = mask | 127;
    writeUint32(target, 2, 0);
    writeUint32(target, 6, length);
    at = 10;
  } else if (length > 125) {
    target[1] = mask | 126;
    target[2] = length >>> 8;
    target[3] = length;
    at = 4;
  } else {
    target[1] = mask | length;
  }
  if (key !== undefined) target.set(key, at);
}

/** @param load Gives the module `bufferutil`, native code that there is for some platforms (x64, macOS), or throws: then it is done here. */
export function nativeMaskOr(load: () => unknown): ApplyMask {
  try {
    return (load() as { unmask: ApplyMask }).unmask;
  } catch {
    return xorMask;
  }
}

/** XORs in place, four bytes at a time: half as fast as native code, and everywhere. */
export function xorMask(bytes: Uint8Array, key: Uint8Array): void {
  const { length } = bytes;
  let at = 0;
  while (at < length && ((bytes.byteOffset + at) & 3) !== 0) {
    bytes[at] = (bytes[at] ?? 0) ^ (key[at & 3] ?? 0);
    at += 1;
  }
  // So few that they end before the next word: there may be no words to view there.
  if (at === length) return;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (length - at) >>> 2);
  // Engines of JavaScript run on little-endian machines alone.
  const turned = rotated(key, at & 3);
  const word = new Int32Array(turned.buffer)[0] ?? 0;
  for (let index = 0; index < words.length; index += 1) words[index] = (words[index] ?? 0) ^ word;
  for (at += words.length * 4; at < length; at += 1) bytes[at] = (bytes[at] ?? 0) ^ (key[at & 3] ?? 0);
}
