import { FairleadError } from "@fairlead/protocol";
import type { BodyFraming } from "./request-head.ts";

const CR = 0x0d;
const LF = 0x0a;

/** Longest line with a chunk's size, its extensions included: what Go's reader takes. */
const MAX_SIZE_LINE = 4096;

/** All trailer lines of a body together. */
const MAX_TRAILER_BYTES = 64 * 1024;

/** Hexadecimal digits of a chunk's size: 13 stay below 2^53. */
const MAX_SIZE_DIGITS = 13;

/** Finds where a request's body ends, in bytes that are sent on as they are. */
export class BodyEnd {
  /** True when the body's last byte was seen (or there is none). */
  done: boolean;
  /** Bytes to skip: of a body with a length, or of a chunk with the line end behind it. */
  #skip = 0;
  readonly #chunked: boolean;
  /** The line being read: a chunk's size, or a trailer. */
  #line = "";
  #inTrailer = false;
  #trailerBytes = 0;
  /** Of the bytes to skip: those that are the body's own. */
  #content = 0;
  readonly #onContent: ((bytes: Uint8Array) => void) | undefined;

  /** @param onContent Takes the body itself, without the framing of its chunks. */
  constructor(framing: BodyFraming, onContent?: (bytes: Uint8Array) => void) {
    this.#onContent = onContent;
    this.#chunked = framing.kind === "chunked";
    this.done = framing.kind === "none";
    if (framing.kind === "length") this.#skip = this.#content = framing.bytes;
  }

  /**
   * Takes the next bytes and returns how many of them belong to the body; the others belong to what follows it.
   * @throws FairleadError `bad_request` when the bytes are not chunks
   */
  take(bytes: Uint8Array): number {
    let at = 0;
    while (!this.done && at < bytes.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, bytes.length - at);
        this.#pass(bytes, at, step);
        at += step;
        this.#skip -= step;
        if (this.#skip === 0 && !this.#chunked) this.done = true;
      } else {
        this.#takeLineByte(bytes[at] ?? 0);
        at += 1;
      }
    }
    return at;
  }

  #pass(bytes: Uint8Array, at: number, step: number): void {
    const length = Math.min(this.#content, step);
    this.#content -= length;
    if (length > 0) this.#onContent?.(bytes.subarray(at, at + length));
  }

  #takeLineByte(byte: number): void {
    if (byte === LF && this.#line.endsWith("\r")) {
      const line = this.#line.slice(0, -1);
      this.#line = "";
      if (this.#inTrailer) this.done = line === "";
      else this.#startChunk(line);
      return;
    }
    // A line end of one half is where readers disagree.
    if (byte === LF || this.#line.endsWith("\r")) throw notChunks("a line must end with CR LF");
    this.#line += byte === CR ? "\r" : String.fromCharCode(byte);
    if (this.#inTrailer) this.#trailerBytes += 1;
    if (this.#line.length > MAX_SIZE_LINE && !this.#inTrailer)
      throw notChunks(`a size line is over ${MAX_SIZE_LINE} bytes`);
    if (this.#trailerBytes > MAX_TRAILER_BYTES) throw notChunks(`the trailer is over ${MAX_TRAILER_BYTES} bytes`);
  }

  #startChunk(line: string): void {
    const digits = /^([0-9a-fA-F]+)[ \t]*(?:;|$)/.exec(line)?.[1];
    if (digits === undefined || digits.length > MAX_SIZE_DIGITS) throw notChunks("a chunk's size is not a number");
    const size = Number.parseInt(digits, 16);
    if (size === 0) this.#inTrailer = true;
    else {
      this.#skip = size + 2;
      this.#content = size;
    }
  }
}

function notChunks(reason: string): FairleadError {
  return new FairleadError("bad_request", `the chunked body is malformed: ${reason}`);
}
