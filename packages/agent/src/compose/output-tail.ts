import { StringDecoder } from "node:string_decoder";

/** Output of one operation that is kept: more than a person reads, and what a message of protocol 1.0 carries easily. */
export const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/** A line longer than this is handed on in pieces: progress bars and blobs need not end. */
const MAX_LINE_CHARS = 64 * 1024;

/** The end of a text that comes in pieces; what was dropped before it is told. */
export class OutputTail {
  readonly #pieces: string[] = [];
  readonly #maxBytes: number;
  #first = 0;
  #bytes = 0;
  #dropped = 0;

  constructor(maxBytes = MAX_OUTPUT_BYTES) {
    this.#maxBytes = maxBytes;
  }

  add(piece: string): void {
    this.#pieces.push(piece);
    this.#bytes += Buffer.byteLength(piece);
    while (this.#bytes > this.#maxBytes && this.#first < this.#pieces.length - 1) {
      const bytes = Buffer.byteLength(this.#pieces[this.#first] ?? "");
      this.#pieces[this.#first] = "";
      this.#first += 1;
      this.#bytes -= bytes;
      this.#dropped += bytes;
    }
    if (this.#first > 1024 && this.#first > this.#pieces.length / 2) {
      this.#pieces.splice(0, this.#first);
      this.#first = 0;
    }
  }

  toString(): string {
    const text = this.#pieces.slice(this.#first).join("");
    return this.#dropped === 0 ? text : `[${this.#dropped} bytes of output before this were dropped]\n${text}`;
  }
}

/** Cuts bytes into lines (with their ends), never inside a character. */
export class LineCutter {
  readonly #decoder = new StringDecoder("utf8");
  readonly #onLine: (line: string) => void;
  #rest = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  write(bytes: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(bytes)).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#onLine(`${line}\n`);
    if (this.#rest.length > MAX_LINE_CHARS) this.#flush();
  }

  end(): void {
    this.#rest += this.#decoder.end();
    this.#flush();
  }

  #flush(): void {
    if (this.#rest !== "") this.#onLine(this.#rest);
    this.#rest = "";
  }
}
