import { FairleadError } from "@fairlead/protocol";

/** Takes bytes from pieces of any length, in the amounts that their reader needs. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** So many bytes; undefined at the end. @throws FairleadError engine_error when they end within. */
  async read(length: number): Promise<Uint8Array | undefined> {
    const bytes = new Uint8Array(length);
    let filled = 0;
    for await (const piece of this.#upTo(length)) {
      bytes.set(piece, filled);
      filled += piece.length;
    }
    if (filled === 0 && length > 0) return undefined;
    if (filled < length) throw brokenOff();
    return bytes;
  }

  /** So many bytes in pieces, as they come. @throws FairleadError engine_error when they end within. */
  async *pieces(length: number): AsyncGenerator<Uint8Array> {
    let left = length;
    for await (const piece of this.#upTo(length)) {
      left -= piece.length;
      yield piece;
    }
    if (left > 0) throw brokenOff();
  }

  async *#upTo(length: number): AsyncGenerator<Uint8Array> {
    let left = length;
    while (left > 0) {
      if (this.#piece.length === 0) {
        const { done, value } = await this.#pieces.next();
        if (done) return;
        this.#piece = value;
        continue;
      }
      const taken = this.#piece.subarray(0, left);
      this.#piece = this.#piece.subarray(taken.length);
      left -= taken.length;
      yield taken;
    }
  }
}

function brokenOff(): FairleadError {
  return new FairleadError("engine_error", "The archive from the host broke off before its end. Try again.");
}
