import { FairleadError, type HeaderPairs, MAX_HEADER_BYTES } from "@fairlead/protocol";

/** How far an answer's body goes: none, so many bytes, chunks, or to the connection's end. */
export type AnswerFraming = "none" | number | "chunked" | "to-end";

export interface EngineHead {
  readonly status: number;
  readonly reason: string;
  /** In their order and spelling. */
  readonly headers: HeaderPairs;
  /** As the headers say; `to-end` when they do not. */
  readonly framing: AnswerFraming;
  /** The engine will not close the connection after the answer. */
  readonly keepsAlive: boolean;
}

/** What a parser finds, in the order of the bytes. */
export interface AnswerSink {
  /** A head; interim ones (below 200, not 101) come before the answer's. */
  answerHead(head: EngineHead): void;
  /** Bytes of the body, without chunk sizes. At most once for each `push`; they are part of what was pushed. */
  answerBody(bytes: Uint8Array): void;
  /** The answer is complete. */
  answerEnd(): void;
}

const CR = 0x0d;
const LF = 0x0a;
const EMPTY = Buffer.alloc(0);

/** A chunk's size with its extensions, which nobody uses. */
const MAX_SIZE_LINE = 4096;
/** 13 hexadecimal digits stay below 2^53. */
const MAX_SIZE_DIGITS = 13;

type State = "head" | "length" | "size" | "chunk" | "chunk-end" | "trailer" | "to-end" | "done";

/** Reads one answer of an engine from a connection's bytes, however they are cut. Chunks are joined in place, so that bulk is not copied. */
export class AnswerParser {
  readonly #sink: AnswerSink;
  readonly #isHeadRequest: boolean;
  #state: State = "head";
  #head = EMPTY;
  #left = 0;
  /** A chunk's size line, or a trailer line, so far. */
  #line = "";
  #trailerBytes = 0;

  /** @param method Of the request: an answer to HEAD has no body. */
  constructor(method: string, sink: AnswerSink) {
    this.#sink = sink;
    this.#isHeadRequest = method === "HEAD";
  }

  get isDone(): boolean {
    return this.#state === "done";
  }

  /**
   * The next bytes; their memory is used for the body.
   * @throws FairleadError engine_error when they are not HTTP, or more than the answer
   */
  push(bytes: Buffer): void {
    let at = this.#state === "head" ? this.#takeHead(bytes) : 0;
    // The body's bytes of this push stand from `from` to `to`.
    let from = at;
    let to = at;
    while (at < bytes.length && this.#state !== "head") {
      switch (this.#state) {
        case "to-end":
          to = bytes.length;
          at = bytes.length;
          break;
        case "length":
        case "chunk": {
          const end = Math.min(bytes.length, at + this.#left);
          if (to === from) from = to = at;
          if (at > to) bytes.copyWithin(to, at, end);
          to += end - at;
          this.#left -= end - at;
          at = end;
          if (this.#left === 0) this.#state = this.#state === "chunk" ? "chunk-end" : "done";
          break;
        }
        case "size":
        case "chunk-end":
        case "trailer":
          at = this.#takeLine(bytes, at);
          break;
        case "done":
          throw notHttp("it went on after the answer's end");
      }
    }
    if (to > from) this.#sink.answerBody(bytes.subarray(from, to));
    if (this.#state === "done") this.#sink.answerEnd();
  }

  /** The engine ended the connection. @throws FairleadError engine_error when the answer is not complete */
  finish(): void {
    if (this.#state === "done") return;
    if (this.#state !== "to-end") {
      const what = this.#state === "head" ? "without an answer" : "in the midst of an answer";
      throw new FairleadError("engine_error", `The engine closed the connection ${what}.`);
    }
    this.#state = "done";
    this.#sink.answerEnd();
  }

  #takeHead(bytes: Buffer): number {
    let at = 0;
    while (this.#state === "head") {
      const before = this.#head.length;
      const held = before === 0 ? bytes.subarray(at) : Buffer.concat([this.#head, bytes.subarray(at)]);
      const found = held.indexOf("\r\n\r\n", Math.max(0, before - 3));
      if ((found === -1 ? held.length : found) > MAX_HEADER_BYTES)
        throw notHttp(`its head is over ${MAX_HEADER_BYTES} bytes`);
      if (found === -1) {
        // The memory that was pushed is not ours to keep.
        this.#head = Buffer.from(held);
        return bytes.length;
      }
      const head = parseHead(held.toString("latin1", 0, found));
      this.#head = EMPTY;
      at += found + 4 - before;
      this.#begin(head);
      if (at === bytes.length) break;
    }
    return at;
  }

  #begin(head: EngineHead): void {
    const { status, framing } = head;
    if (status < 200 && status !== 101) {
      this.#sink.answerHead({ ...head, framing: "none" });
      return;
    }
    const isEmpty = this.#isHeadRequest || status === 204 || status === 304 || framing === 0;
    if (status === 101) this.#state = "to-end";
    else if (isEmpty) this.#state = "done";
    else if (framing === "chunked") this.#state = "size";
    else if (framing === "to-end") this.#state = "to-end";
    else {
      this.#state = "length";
      this.#left = framing as number;
    }
    this.#sink.answerHead(
      status === 101 ? { ...head, framing: "to-end" } : isEmpty ? { ...head, framing: "none" } : head,
    );
  }

  /** Takes bytes up to a line's end. */
  #takeLine(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(LF, from);
    this.#line += bytes.toString("latin1", from, end === -1 ? bytes.length : end);
    if (this.#line.length > MAX_SIZE_LINE) throw notHttp("a line between its chunks is too long");
    if (end === -1) return bytes.length;
    const line = this.#line.charCodeAt(this.#line.length - 1) === CR ? this.#line.slice(0, -1) : this.#line;
    this.#line = "";
    if (this.#state === "size") this.#takeSize(line);
    else if (this.#state === "chunk-end") {
      if (line !== "") throw notHttp("a chunk is longer than its size");
      this.#state = "size";
    } else {
      this.#trailerBytes += line.length;
      if (this.#trailerBytes > MAX_HEADER_BYTES) throw notHttp("its trailers are too long");
      if (line === "") this.#state = "done";
    }
    return end + 1;
  }

  #takeSize(line: string): void {
    const digits = /^([0-9a-fA-F]+)[ \t]*(?:;|$)/.exec(line)?.[1];
    if (digits === undefined || digits.length > MAX_SIZE_DIGITS) throw notHttp("a chunk's size is not a number");
    this.#left = Number.parseInt(digits, 16);
    this.#state = this.#left === 0 ? "trailer" : "chunk";
  }
}

function parseHead(text: string): EngineHead {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const [, minor = "", status = "", reason = ""] = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: (.*))?$/.exec(statusLine) ?? [];
  if (status === "") throw notHttp("it does not begin with an HTTP status line");
  const headers: HeaderPairs = [];
  let framing: AnswerFraming = "to-end";
  let connection = "";
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) throw notHttp("a header has no name");
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    headers.push([name, value]);
    switch (name.toLowerCase()) {
      case "content-length":
        if (!/^\d{1,16}$/.test(value) || !Number.isSafeInteger(Number(value)))
          throw notHttp("its Content-Length is not a length");
        if (typeof framing === "number" && framing !== Number(value)) throw notHttp("it has two lengths");
        if (framing !== "chunked") framing = Number(value);
        break;
      case "transfer-encoding":
        if (/(^|,)\s*chunked$/i.test(value)) framing = "chunked";
        break;
      case "connection":
        connection = value.toLowerCase();
        break;
      default:
    }
  }
  const keepsAlive = minor === "1" && framing !== "to-end" && !connection.includes("close");
  return { status: Number(status), reason, headers, framing, keepsAlive };
}

function notHttp(problem: string): FairleadError {
  return new FairleadError("engine_error", `The engine's answer is not HTTP: ${problem}.`);
}
