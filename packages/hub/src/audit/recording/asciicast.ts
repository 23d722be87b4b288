import { StringDecoder } from "node:string_decoder";

/** Output, input, resize. */
type AsciicastEvent = "o" | "i" | "r";

/** The lines of a recording in asciicast v2 (docs.asciinema.org/manual/asciicast/v2), each with its end. */
export class Asciicast {
  readonly #began = performance.now();
  readonly #decoders = { o: new StringDecoder("utf8"), i: new StringDecoder("utf8") };

  /** @param at Unix milliseconds. */
  header({ cols, rows, at }: { cols: number; rows: number; at: number }): string {
    return `${JSON.stringify({ version: 2, width: cols, height: rows, timestamp: Math.floor(at / 1000) })}\n`;
  }

  /** Empty while only a part of a character has come: it waits for its end. */
  data(kind: "o" | "i", bytes: Uint8Array): string {
    return this.#event(kind, this.#decoders[kind].write(bytes));
  }

  resize(cols: number, rows: number): string {
    return this.#event("r", `${cols}x${rows}`);
  }

  /** Something that the recorder itself says, shown like output by every player. */
  remark(text: string): string {
    return this.#event("o", `\r\n[${text}]\r\n`);
  }

  /** What of a character came last, as it is. */
  end(): string {
    return this.#event("o", this.#decoders.o.end()) + this.#event("i", this.#decoders.i.end());
  }

  #event(kind: AsciicastEvent, text: string): string {
    if (text === "") return "";
    const seconds = (performance.now() - this.#began) / 1000;
    return `${JSON.stringify([Number(seconds.toFixed(6)), kind, text])}\n`;
  }
}
