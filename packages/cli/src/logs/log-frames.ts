/** Which of a container's outputs a line came from; a terminal has but one. */
export type LogStream = "stdout" | "stderr";

export interface LogPiece {
  readonly stream: LogStream;
  readonly bytes: Buffer;
}

const HEADER_BYTES = 8;
const STDERR = 2;

/**
 * Takes Docker's multiplexed stream apart: frames of an 8-byte header (the stream, three zeros, the length) and so many bytes.
 * Pieces are handed on as they come, so a frame of any length costs no memory.
 */
export class LogDemultiplexer {
  #header: Buffer = Buffer.alloc(0);
  #stream: LogStream = "stdout";
  #left = 0;

  push(bytes: Buffer): LogPiece[] {
    const pieces: LogPiece[] = [];
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#left === 0) {
        const missing = HEADER_BYTES - this.#header.length;
        this.#header = Buffer.concat([this.#header, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (this.#header.length < HEADER_BYTES) break;
        this.#stream = this.#header[0] === STDERR ? "stderr" : "stdout";
        this.#left = this.#header.readUInt32BE(4);
        this.#header = Buffer.alloc(0);
      } else {
        const piece = rest.subarray(0, this.#left);
        pieces.push({ stream: this.#stream, bytes: piece });
        this.#left -= piece.length;
        rest = rest.subarray(piece.length);
      }
    }
    return pieces;
  }
}
