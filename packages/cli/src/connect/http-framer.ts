/** How far a message's body goes: no body, this many bytes, chunks (RFC 9112 section 7.1), or all that is to come. */
export type BodyFraming = "none" | number | "chunked" | "raw";

/** A request's or response's start line and headers. */
export interface HttpHead {
  /** As it came, with the empty line at its end. */
  readonly bytes: Buffer;
  readonly startLine: string;
  /** In their order and spelling. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** What the framer finds, in the order of the bytes. */
export interface FramerSink {
  /** Says how the body is framed: it can depend on the request that a response answers. */
  head(head: HttpHead): BodyFraming;
  /** Bytes of the body as they are on the wire, chunk sizes and trailers included. */
  body(bytes: Buffer): void;
  /** The message is complete. */
  end(): void;
}

/** The bytes are not HTTP/1, or over a limit. */
export class FramingError extends Error {
  override readonly name = "FramingError";
}

/** `X-Registry-Config` with a dozen logins is about 40 kB; the hub takes no larger head either. */
const MAX_HEAD_BYTES = 256 * 1024;
/** A chunk's size with its extensions, which nobody uses. */
const MAX_CHUNK_LINE_BYTES = 4 * 1024;
/** 2^48: no body is larger, and sums stay exact. */
const MAX_CHUNK_DIGITS = 12;

const LF = 0x0a;
const EMPTY = Buffer.alloc(0);

type State = "head" | "sized" | "chunk-line" | "chunk-data" | "chunk-gap" | "trailers" | "raw";

/**
 * Finds where HTTP/1 messages begin and end in a connection's bytes, which it hands on untouched.
 * Between two messages it can be held, so that the next one waits for an answer to the last.
 */
export class HttpFramer {
  readonly #sink: FramerSink;
  #state: State = "head";
  /** Bytes that are not understood yet: the beginning of a head or line, or what came while held. */
  #rest: Buffer = EMPTY;
  /** Bytes of the body, or of the chunk, that are still to come. */
  #left = 0;
  #trailerBytes = 0;
  #held = false;

  constructor(sink: FramerSink) {
    this.#sink = sink;
  }

  /** Bytes of later messages that are kept back. */
  get heldBytes(): number {
    return this.#held ? this.#rest.length : 0;
  }

  /** @throws FramingError; the framer is of no use then. */
  push(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    this.#run();
  }

  /** Keeps the next message back. */
  hold(): void {
    this.#held = true;
  }

  /** Goes on with what was kept back. @throws FramingError */
  release(): void {
    this.#held = false;
    this.#run();
  }

  /** From here on there are no messages, only bytes. */
  releaseRaw(): void {
    this.#held = false;
    this.#state = "raw";
    this.#run();
  }

  #run(): void {
    while (this.#rest.length > 0 && !this.#held && this.#step());
  }

  /** Takes what can be taken of `#rest`; false when more is needed. */
  #step(): boolean {
    switch (this.#state) {
      case "head":
        return this.#takeHead();
      case "raw":
        this.#pass(this.#rest.length);
        return false;
      case "sized":
        this.#left -= this.#pass(this.#left);
        if (this.#left === 0) this.#finish();
        return true;
      case "chunk-line":
        return this.#takeChunkLine();
      case "chunk-data":
        this.#left -= this.#pass(this.#left);
        if (this.#left === 0) this.#state = "chunk-gap";
        return true;
      case "chunk-gap":
        return this.#passLine(MAX_CHUNK_LINE_BYTES) !== undefined && this.#become("chunk-line");
      case "trailers":
        return this.#takeTrailer();
    }
  }

  #takeHead(): boolean {
    // Empty lines before a message are allowed (RFC 9112 section 2.2).
    let start = 0;
    while (this.#rest[start] === 0x0d || this.#rest[start] === LF) start += 1;
    if (start > 0) this.#rest = this.#rest.subarray(start);
    const length = headLength(this.#rest);
    if ((length ?? this.#rest.length) > MAX_HEAD_BYTES) {
      throw new FramingError(`The headers are over the limit of ${MAX_HEAD_BYTES} bytes`);
    }
    if (length === undefined) return false;
    const head = parseHead(this.#rest.subarray(0, length));
    this.#rest = this.#rest.subarray(length);
    const framing = this.#sink.head(head);
    if (framing === "raw") this.#state = "raw";
    else if (framing === "chunked") this.#state = "chunk-line";
    else if (framing === "none" || framing === 0) this.#finish();
    else {
      this.#left = framing;
      this.#state = "sized";
    }
    return true;
  }

  #takeChunkLine(): boolean {
    const line = this.#passLine(MAX_CHUNK_LINE_BYTES);
    if (line === undefined) return false;
    const digits = /^([0-9a-fA-F]+)[ \t]*(?:;.*)?$/.exec(line)?.[1]?.replace(/^0+(?=.)/, "");
    if (digits === undefined || digits.length > MAX_CHUNK_DIGITS) throw new FramingError("A chunk has no valid size");
    this.#left = Number.parseInt(digits, 16);
    this.#trailerBytes = 0;
    return this.#become(this.#left === 0 ? "trailers" : "chunk-data");
  }

  #takeTrailer(): boolean {
    const line = this.#passLine(MAX_HEAD_BYTES);
    if (line === undefined) return false;
    this.#trailerBytes += line.length + 2;
    if (this.#trailerBytes > MAX_HEAD_BYTES) throw new FramingError("The trailers are over the limit");
    if (line === "") this.#finish();
    return true;
  }

  #finish(): void {
    this.#state = "head";
    this.#sink.end();
  }

  #become(state: State): true {
    this.#state = state;
    return true;
  }

  /** Hands on at most this many bytes; returns how many. */
  #pass(count: number): number {
    const bytes = this.#rest.subarray(0, count);
    this.#rest = bytes.length === this.#rest.length ? EMPTY : this.#rest.subarray(bytes.length);
    this.#sink.body(bytes);
    return bytes.length;
  }

  /** Hands on a line; returns it without its end, or `undefined` when it has none yet. */
  #passLine(limit: number): string | undefined {
    const end = this.#rest.indexOf(LF);
    if ((end === -1 ? this.#rest.length : end) > limit)
      throw new FramingError("A line of the body's framing is too long");
    if (end === -1) return undefined;
    const line = this.#rest.subarray(0, end).toString("latin1").replace(/\r$/, "");
    this.#pass(end + 1);
    return line;
  }
}

/** Bytes up to and with the empty line; `undefined` when it has not come. */
function headLength(bytes: Buffer): number | undefined {
  const ends = [bytes.indexOf("\n\r\n") + 3, bytes.indexOf("\n\n") + 2].filter((end) => end > 2);
  // `indexOf` gives -1, so an end that was not found is 2 or 1.
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function parseHead(bytes: Buffer): HttpHead {
  const [startLine = "", ...lines] = bytes.toString("latin1").split(/\r?\n/);
  const headers = lines
    .filter((line) => line !== "")
    .map((line): [string, string] => {
      const colon = line.indexOf(":");
      if (colon < 1) throw new FramingError("A header has no name");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
  return { bytes, startLine, headers };
}

/** The value of a header, several joined by commas; `undefined` when it is absent. */
export function headerValue({ headers }: HttpHead, name: string): string | undefined {
  const values = headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(", ");
}

/** How the headers frame a body; `undefined` when they do not say (RFC 9112 section 6.3). @throws FramingError */
export function declaredFraming(head: HttpHead): number | "chunked" | undefined {
  const encoding = headerValue(head, "transfer-encoding");
  if (encoding !== undefined && /(^|,)\s*chunked\s*$/i.test(encoding)) return "chunked";
  const length = headerValue(head, "content-length");
  if (length === undefined) return undefined;
  // The same length may be told more than once.
  const [first = "", ...others] = length.split(",").map((part) => part.trim());
  if (!/^\d{1,15}$/.test(first) || others.some((other) => other !== first)) {
    throw new FramingError("Content-Length is not a length");
  }
  return Number(first);
}
