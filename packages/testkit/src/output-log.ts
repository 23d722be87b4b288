import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** A failure message needs the end of a log, not all of it; this many lines are kept for searching. */
const MAX_LINES = 5_000;
/** A program that writes megabytes without a line end must not fill the memory of the test. */
const MAX_LINE_CHARS = 64 * 1024;
/** How many lines stand in a failure message. */
const TAIL_LINES = 40;

/** What a program printed, line by line, the oldest dropped when there are too many. */
export class OutputLog {
  readonly #lines: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();

  /** The lines kept (the last 5,000), oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Everything kept, as one text. */
  text(): string {
    return this.#lines.join("\n");
  }

  /** The last lines, for a failure message. */
  tail(count = TAIL_LINES): string {
    return this.#lines.slice(-count).join("\n");
  }

  /** Calls `listener` for each further line; returns a function that ends that. */
  onLine(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads a stream to its end, splitting it into lines. */
  capture(stream: Readable): void {
    const decoder = new StringDecoder("utf8");
    let rest = "";
    stream.on("data", (chunk: Buffer) => {
      const parts = (rest + decoder.write(chunk)).split("\n");
      rest = parts.pop() ?? "";
      if (rest.length > MAX_LINE_CHARS) {
        parts.push(rest);
        rest = "";
      }
      for (const line of parts) this.add(line.endsWith("\r") ? line.slice(0, -1) : line);
    });
    stream.on("error", () => {});
    stream.on("close", () => {
      if (rest !== "") this.add(rest);
      rest = "";
    });
  }

  add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
    for (const listener of this.#listeners) listener(line);
  }
}
