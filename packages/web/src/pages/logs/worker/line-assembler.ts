import { join, type OutputStream } from "./frame-demuxer.ts";
import { StampReader } from "./log-time.ts";

/** A line as it came. */
export interface LogLine {
  readonly micros: number;
  readonly nanos: number;
  readonly stream: OutputStream;
  /** UTF-8, without time and line end. */
  readonly text: Uint8Array;
  /** It was longer than {@link MAX_LINE_BYTES}. */
  readonly isCut: boolean;
}

/** What is kept of a line. Engines cut lines here, too (their messages have at most so much); nobody reads a longer one in a list. */
export const MAX_LINE_BYTES = 16 * 1024;

/** A line with its time before it. */
const MAX_PENDING_BYTES = MAX_LINE_BYTES + 48;

const NEWLINE = 10;
const RETURN = 13;
const NONE = new Uint8Array(0);

interface Pending {
  bytes: Uint8Array;
  isCut: boolean;
}

/** Makes lines of the pieces of a container's two streams. */
export class LineAssembler {
  readonly #onLine: (line: LogLine) => void;
  readonly #stamps = new StampReader();
  readonly #continued = new StampReader();
  readonly #pending: Record<OutputStream, Pending> = {
    1: { bytes: NONE, isCut: false },
    2: { bytes: NONE, isCut: false },
  };

  constructor(onLine: (line: LogLine) => void, firstMicros: number) {
    this.#onLine = onLine;
    // Lines without a time are given that of the line before.
    this.#stamps.micros = firstMicros;
  }

  push(stream: OutputStream, bytes: Uint8Array, isStart: boolean): void {
    const pending = this.#pending[stream];
    // The engine writes a time before each part of a long line, too.
    let at = isStart && pending.bytes.length > 0 ? this.#continued.read(bytes, 0, bytes.length) : 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, at);
      if (end === -1) break;
      if (pending.bytes.length === 0) this.#emit(stream, bytes.subarray(at, end), false);
      else {
        add(pending, bytes.subarray(at, end));
        this.#emit(stream, pending.bytes, pending.isCut);
        pending.bytes = NONE;
        pending.isCut = false;
      }
      at = end + 1;
    }
    if (at < bytes.length) add(pending, bytes.subarray(at));
  }

  /** The log has ended: what has no line end is a line, too. */
  end(): void {
    for (const stream of [1, 2] as const) {
      const { bytes, isCut } = this.#pending[stream];
      if (bytes.length > 0) this.#emit(stream, bytes, isCut);
      this.#pending[stream] = { bytes: NONE, isCut: false };
    }
  }

  #emit(stream: OutputStream, line: Uint8Array, wasCut: boolean): void {
    const start = this.#stamps.read(line, 0, line.length);
    const end = line[line.length - 1] === RETURN ? line.length - 1 : line.length;
    const isCut = wasCut || end - start > MAX_LINE_BYTES;
    const text = line.subarray(start, Math.max(start, Math.min(end, start + MAX_LINE_BYTES)));
    this.#onLine({ micros: this.#stamps.micros, nanos: this.#stamps.nanos, stream, text, isCut });
  }
}

function add(pending: Pending, bytes: Uint8Array): void {
  const room = MAX_PENDING_BYTES - pending.bytes.length;
  if (bytes.length > room) pending.isCut = true;
  const part = bytes.subarray(0, room);
  if (part.length > 0) pending.bytes = pending.bytes.length === 0 ? part.slice() : join(pending.bytes, part);
}
