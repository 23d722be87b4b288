import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import type { ExecRecording } from "../../config.ts";
import { Asciicast } from "./asciicast.ts";

export interface RecordingEnd {
  readonly bytes: number;
  /** Hex, of the file: it stands in the audit log, so that a recording that was changed is found. */
  readonly sha256: string;
  /** True when it has reached its limit, or could not be written to its end. */
  readonly isCut: boolean;
}

export interface RecordingOptions {
  readonly file: string;
  readonly mode: Exclude<ExecRecording, "off">;
  readonly cols: number;
  readonly rows: number;
  readonly maxBytes: number;
}

/** Kept free for the remark that the limit is reached. */
const REMARK_BYTES = 256;

/**
 * One terminal session on its way into a file. Nothing here waits or throws: a terminal is never slowed by its recording. What the
 * disk has not taken yet is held, at most `maxBytes`.
 */
export class Recording {
  readonly #options: RecordingOptions;
  readonly #cast = new Asciicast();
  readonly #hash = createHash("sha256");
  readonly #stream;
  #bytes = 0;
  #isOver = false;
  #isCut = false;
  #end: Promise<RecordingEnd> | undefined;
  readonly #over = Promise.withResolvers<void>();

  constructor(options: RecordingOptions) {
    this.#options = options;
    this.#stream = createWriteStream(options.file, { flags: "wx", mode: 0o600 });
    this.#stream.on("error", () => (this.#isOver = this.#isCut = true));
    this.#append(this.#cast.header({ ...options, at: Date.now() }));
  }

  output(data: Uint8Array): void {
    if (!this.#isOver) this.#write(this.#cast.data("o", data));
  }

  /** Keystrokes: recorded when it is asked for only. */
  input(data: Uint8Array): void {
    if (!this.#isOver && this.#options.mode === "all") this.#write(this.#cast.data("i", data));
  }

  resize(cols: number, rows: number): void {
    if (!this.#isOver) this.#write(this.#cast.resize(cols, rows));
  }

  /** Settles when nothing more is recorded. */
  get ended(): Promise<void> {
    return this.#over.promise;
  }

  /** The same for every caller. Never rejects. */
  end(): Promise<RecordingEnd> {
    this.#end ??= this.#finish();
    return this.#end;
  }

  async #finish(): Promise<RecordingEnd> {
    if (!this.#isOver) this.#write(this.#cast.end());
    this.#isOver = true;
    this.#over.resolve();
    this.#stream.end();
    await finished(this.#stream).catch(() => (this.#isCut = true));
    return { bytes: this.#bytes, sha256: this.#hash.digest("hex"), isCut: this.#isCut };
  }

  #write(lines: string): void {
    const { maxBytes } = this.#options;
    if (this.#bytes + Buffer.byteLength(lines) + REMARK_BYTES <= maxBytes) {
      this.#append(lines);
      return;
    }
    this.#isOver = this.#isCut = true;
    this.#append(this.#cast.remark(`The recording ends here: it has reached its limit of ${maxBytes} bytes`));
  }

  #append(lines: string): void {
    if (lines === "") return;
    const bytes = Buffer.from(lines);
    this.#bytes += bytes.length;
    this.#hash.update(bytes);
    this.#stream.write(bytes);
  }
}
