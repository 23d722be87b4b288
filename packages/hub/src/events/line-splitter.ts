/** Cuts a stream of bytes into lines. A line over the limit is left out and counted, however long it goes on. */
export class LineSplitter {
  readonly #maxCharacters: number;
  readonly #decoder = new TextDecoder();
  #rest = "";
  #skipping = false;
  /** Lines that were left out. */
  skipped = 0;

  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
  }

  /** The lines that are complete with these bytes, without their ends; empty ones are not returned. */
  push(bytes: Uint8Array): string[] {
    const parts = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = parts.pop() ?? "";
    if (this.#skipping && parts.length > 0) {
      parts.shift();
      this.#skipping = false;
    }
    if (this.#skipping) this.#rest = "";
    else if (this.#rest.length > this.#maxCharacters) {
      this.#rest = "";
      this.#skipping = true;
      this.skipped += 1;
    }
    const lines = parts.filter((line) => line.length <= this.#maxCharacters);
    this.skipped += parts.length - lines.length;
    return lines.filter((line) => line.trim() !== "");
  }
}
