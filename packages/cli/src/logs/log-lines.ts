import type { LogStream } from "./log-frames.ts";

/** A line of a container's log. */
export interface LogLine {
  readonly stream: LogStream;
  /** RFC 3339 with nanoseconds, as the engine gives it; empty when it gave none. */
  readonly time: string;
  /** Without line end. */
  readonly text: string;
}

/** The engine itself cuts lines at 16 KiB; a driver that does not must not fill the memory. */
const MAX_LINE_BYTES = 1024 * 1024;
const LF = 0x0a;

/** Cuts one of a container's outputs into lines and takes the time off each (`timestamps=1`). */
export class LogLineSplitter {
  readonly #stream: LogStream;
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(stream: LogStream) {
    this.#stream = stream;
  }

  push(bytes: Buffer): LogLine[] {
    const lines: LogLine[] = [];
    let start = 0;
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
      this.#keep(bytes.subarray(start, end));
      lines.push(...this.flush(true));
      start = end + 1;
    }
    this.#keep(bytes.subarray(start));
    if (this.#restBytes > MAX_LINE_BYTES) lines.push(...this.flush());
    return lines;
  }

  /** The last line, if it has no end. */
  flush(isComplete = false): LogLine[] {
    if (this.#restBytes === 0 && !isComplete) return [];
    const text = Buffer.concat(this.#rest).toString("utf8").replace(/\r$/, "");
    this.#rest = [];
    this.#restBytes = 0;
    const [, time = "", rest = text] = /^(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) ?(.*)$/s.exec(text) ?? [];
    return [{ stream: this.#stream, time, text: rest }];
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#rest.push(bytes);
    this.#restBytes += bytes.length;
  }
}
