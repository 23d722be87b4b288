import { FairleadError, FRAMING_HEADERS, MAX_DEMANDS_BODY_BYTES } from "@fairlead/protocol";
import { ByteBudget } from "../link/byte-budget.ts";

/** Bodies that wait for a decision, of all connections together: 64 of the largest, and tens of thousands of usual ones. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

const budget = new ByteBudget(MAX_HELD_BYTES);

/** The body of one call while a policy decides on it. */
export class HeldBody {
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  get byteLength(): number {
    return this.#bytes;
  }

  /** @throws FairleadError `payload_too_large`, or `too_many_requests` when others hold too much */
  add(piece: Uint8Array): void {
    HeldBody.checkSize(this.#bytes + piece.length);
    if (!budget.take(piece.length)) {
      throw new FairleadError("too_many_requests", "too many bodies wait for this host's policy; try again");
    }
    // The memory of what comes may be used again.
    this.#pieces.push(Uint8Array.from(piece));
    this.#bytes += piece.length;
  }

  /** All of it. It stays held until {@link release}. */
  whole(): Uint8Array {
    return this.#pieces.length === 1 ? (this.#pieces[0] as Uint8Array) : Buffer.concat(this.#pieces, this.#bytes);
  }

  release(): void {
    budget.release(this.#bytes);
    this.#bytes = 0;
    this.#pieces = [];
  }

  /** @throws FairleadError `payload_too_large` */
  static checkSize(bytes: number): void {
    if (bytes <= MAX_DEMANDS_BODY_BYTES) return;
    throw new FairleadError(
      "payload_too_large",
      `this host's policy reads bodies of at most ${MAX_DEMANDS_BODY_BYTES} bytes of such a call`,
    );
  }
}

/** Headers for a body that takes the place of the one that came. */
export function headersForBody(
  headers: readonly (readonly [name: string, value: string])[],
  bodyBytes: number,
): [name: string, value: string][] {
  const kept = headers.filter(([name]) => !FRAMING_HEADERS.has(name.toLowerCase()));
  return [...kept.map(([name, value]): [string, string] => [name, value]), ["Content-Length", String(bodyBytes)]];
}
