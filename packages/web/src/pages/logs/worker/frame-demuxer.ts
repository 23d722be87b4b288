import { FairleadError } from "@fairlead/protocol";

/** 1 stdout, 2 stderr. */
export type OutputStream = 1 | 2;

/** A piece of one stream. `isStart`: it begins a frame, which is what the engine has as one message. */
export type OnPiece = (stream: OutputStream, bytes: Uint8Array, isStart: boolean) => void;

const HEADER_BYTES = 8;

/** The first piece of a frame has at least so much, if the frame has: a time before a line is never cut. */
const PREFIX_BYTES = 64;

/** Takes Docker's multiplexed frames apart, however they are cut on their way. */
export class FrameDemuxer {
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerBytes = 0;
  #left = 0;
  #stream: OutputStream = 1;
  #isStart = false;
  #prefix = new Uint8Array(0);

  /** @throws FairleadError engine_error when these are no frames. */
  push(bytes: Uint8Array, onPiece: OnPiece): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#left === 0) {
        at += this.#takeHeader(bytes, at);
        continue;
      }
      const piece = bytes.subarray(at, at + this.#left);
      at += piece.length;
      this.#left -= piece.length;
      this.#hand(piece, onPiece);
    }
  }

  #takeHeader(bytes: Uint8Array, at: number): number {
    const taken = Math.min(HEADER_BYTES - this.#headerBytes, bytes.length - at);
    this.#header.set(bytes.subarray(at, at + taken), this.#headerBytes);
    this.#headerBytes += taken;
    if (this.#headerBytes < HEADER_BYTES) return taken;
    this.#headerBytes = 0;
    const [type = 0, ...zeros] = this.#header.subarray(0, 4);
    if (type > 3 || zeros.some((byte) => byte !== 0)) {
      throw new FairleadError(
        "engine_error",
        `The engine's answer is no log in frames: a frame begins with the bytes ${[type, ...zeros].join(" ")}.`,
      );
    }
    // 3 is an error of the engine itself.
    this.#stream = type >= 2 ? 2 : 1;
    this.#left = new DataView(this.#header.buffer).getUint32(4);
    this.#isStart = true;
    return taken;
  }

  #hand(piece: Uint8Array, onPiece: OnPiece): void {
    if (!this.#isStart) {
      onPiece(this.#stream, piece, false);
      return;
    }
    const whole = this.#prefix.length === 0 ? piece : join(this.#prefix, piece);
    if (whole.length < PREFIX_BYTES && this.#left > 0) {
      this.#prefix = whole.slice();
      return;
    }
    this.#prefix = new Uint8Array(0);
    this.#isStart = false;
    onPiece(this.#stream, whole, true);
  }
}

/** @internal */
export function join(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
