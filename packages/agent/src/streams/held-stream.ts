import { FairleadError, type MuxStream, type StreamOpen, type StreamUser, toFairleadError } from "@fairlead/protocol";
import { HeldBody, headersForBody } from "../policy/held-body.ts";
import type { Review } from "../policy/policy.ts";

/** A call that may be made, and what has come of it. */
export interface ReleasedCall {
  readonly open: StreamOpen;
  /** Bytes of the body so far. */
  readonly came: readonly Uint8Array[];
  /** Bytes among them that the hub was told of already. */
  readonly consumedBytes: number;
  readonly hasEnded: boolean;
}

const NO_BYTES = new Uint8Array(0);

/**
 * A stream whose call is not decided on yet. Of a call whose body has to be read, that is collected; of any other, what comes stays in the
 * stream's window.
 */
export class HeldStream implements StreamUser {
  readonly #stream: MuxStream;
  readonly #open: StreamOpen;
  readonly #review: Review;
  readonly #release: (call: ReleasedCall) => void;
  readonly #body = new HeldBody();
  /** Undefined: it ends with the stream. */
  readonly #bodyBytes: number | undefined;
  #came: Uint8Array[] = [];
  #hasEnded = false;
  #isDeciding = false;
  #isOver = false;

  /** @param release Called with the call once it may be made, and becomes the stream's user then. */
  constructor(stream: MuxStream, open: StreamOpen, review: Review, release: (call: ReleasedCall) => void) {
    this.#stream = stream;
    this.#open = open;
    this.#review = review;
    this.#release = release;
    this.#bodyBytes = review.needsBody ? announcedBytes(open.headers) : 0;
  }

  /** Begins, after the stream's user is set. */
  start(): void {
    this.#guarded(() => {
      HeldBody.checkSize(this.#bodyBytes ?? 0);
      const expects = this.#open.headers.some(([name]) => name.toLowerCase() === "expect");
      // The body is waited for here, and the engine is not asked before.
      if (this.#bodyBytes !== 0 && expects) this.#stream.sendHead({ status: 100, headers: [] });
      if (this.#bodyBytes === 0) this.#decide();
    });
  }

  data(bytes: Uint8Array): void {
    if (this.#isOver) return;
    if (!this.#review.needsBody) {
      this.#came.push(Uint8Array.from(bytes));
      return;
    }
    this.#guarded(() => {
      const missing = this.#isDeciding ? 0 : (this.#bodyBytes ?? Number.POSITIVE_INFINITY) - this.#body.byteLength;
      // What follows the announced body belongs to nothing: these calls take no connection over.
      this.#body.add(bytes.subarray(0, Math.min(missing, bytes.length)));
      this.#stream.consumed(bytes.length);
      if (!this.#isDeciding && this.#body.byteLength === this.#bodyBytes) this.#decide();
    });
  }

  end(): void {
    this.#hasEnded = true;
    this.#guarded(() => {
      if (this.#isDeciding) return;
      if (this.#bodyBytes === undefined) this.#decide();
      else throw new FairleadError("bad_request", "the body ended before its Content-Length");
    });
  }

  reset(): void {
    this.#finish();
  }

  #decide(): void {
    this.#isDeciding = true;
    const body = this.#review.needsBody ? this.#body.whole() : NO_BYTES;
    this.#review.finish(body).then(
      ({ target: path, body: replaced }) => {
        if (this.#isOver) return;
        const came = replaced === undefined ? this.#came : [replaced].filter(({ length }) => length > 0);
        const headers =
          replaced === undefined ? this.#open.headers : headersForBody(this.#open.headers, replaced.length);
        this.#finish();
        this.#release({
          open: { ...this.#open, path, headers },
          came,
          consumedBytes: replaced?.length ?? 0,
          hasEnded: this.#hasEnded,
        });
      },
      (error: unknown) => this.#refuse(error),
    );
  }

  #guarded(run: () => void): void {
    if (this.#isOver) return;
    try {
      run();
    } catch (error) {
      this.#refuse(error);
    }
  }

  #refuse(error: unknown): void {
    if (this.#isOver) return;
    const { code, message } = toFairleadError(error);
    this.#finish();
    this.#stream.reset(code, message);
  }

  #finish(): void {
    this.#isOver = true;
    this.#body.release();
  }
}

/** How long the body is; undefined: in chunks. The framing is checked again, and strictly, when the request is rendered. */
function announcedBytes(headers: StreamOpen["headers"]): number | undefined {
  const values = (wanted: string): string[] =>
    headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
  const lengths = values("content-length");
  const codings = values("transfer-encoding");
  const isOne = lengths.length + codings.length <= 1;
  if (
    !isOne ||
    lengths.some((length) => !/^\d{1,15}$/.test(length)) ||
    codings.some((coding) => !/^chunked$/i.test(coding))
  ) {
    throw new FairleadError("bad_request", "the body's length must be told in one way, by Content-Length or chunks");
  }
  if (codings.length === 1) return undefined;
  return Number(lengths[0] ?? 0);
}
