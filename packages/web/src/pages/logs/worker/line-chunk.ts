import { join } from "./frame-demuxer.ts";
import type { LogTime } from "./log-time.ts";

/** What is held of a line. */
export interface HeldLine extends LogTime {
  /** Unique, never used again. */
  readonly id: number;
  readonly slot: number;
  readonly flags: number;
  readonly text: Uint8Array;
}

/** Enough to be rarely more than a hundred chunks, few enough to move within one when a line comes late. */
export const CHUNK_LINES = 2_048;

const FIRST_TEXT_BYTES = 64 * 1024;

/** Lines side by side in typed arrays, sorted by time: 24 bytes each beside their texts. */
export class LineChunk {
  count = 0;
  readonly micros = new Float64Array(CHUNK_LINES);
  readonly nanos = new Uint16Array(CHUNK_LINES);
  readonly ids = new Uint32Array(CHUNK_LINES);
  readonly slots = new Uint8Array(CHUNK_LINES);
  readonly flags = new Uint8Array(CHUNK_LINES);
  /** 0 not looked at, 1 no match, 2 a match. */
  readonly matched = new Uint8Array(CHUNK_LINES);
  readonly #starts = new Uint32Array(CHUNK_LINES);
  readonly #lengths = new Uint16Array(CHUNK_LINES);
  #text = new Uint8Array(0);
  #textUsed = 0;

  get isFull(): boolean {
    return this.count === CHUNK_LINES;
  }

  /** What its texts take. */
  get textBytes(): number {
    return this.#text.length;
  }

  text(index: number): Uint8Array {
    const start = this.#starts[index] ?? 0;
    return this.#text.subarray(start, start + (this.#lengths[index] ?? 0));
  }

  insert(at: number, line: HeldLine): void {
    const start = this.#keep(line.text);
    for (const list of this.#lists) list.copyWithin(at + 1, at, this.count);
    this.micros[at] = line.micros;
    this.nanos[at] = line.nanos;
    this.ids[at] = line.id;
    this.slots[at] = line.slot;
    this.flags[at] = line.flags;
    this.matched[at] = 0;
    this.#starts[at] = start;
    this.#lengths[at] = line.text.length;
    this.count += 1;
  }

  /** Two of it, where its lines from `at` on are in the second. */
  split(at: number): [LineChunk, LineChunk] {
    const [first, second] = [new LineChunk(), new LineChunk()];
    for (let index = 0; index < this.count; index += 1) {
      const chunk = index < at ? first : second;
      chunk.insert(chunk.count, {
        id: this.ids[index] ?? 0,
        micros: this.micros[index] ?? 0,
        nanos: this.nanos[index] ?? 0,
        slot: this.slots[index] ?? 0,
        flags: this.flags[index] ?? 0,
        text: this.text(index),
      });
      chunk.matched[chunk.count - 1] = this.matched[index] ?? 0;
    }
    return [first, second];
  }

  /** Gives back room that its texts do not need. */
  trim(): void {
    if (this.#text.length > this.#textUsed) this.#text = this.#text.slice(0, this.#textUsed);
  }

  get #lists(): (Float64Array | Uint32Array | Uint16Array | Uint8Array)[] {
    return [this.micros, this.nanos, this.ids, this.slots, this.flags, this.matched, this.#starts, this.#lengths];
  }

  #keep(text: Uint8Array): number {
    const start = this.#textUsed;
    if (start + text.length > this.#text.length) {
      const more = Math.max(text.length, this.#text.length, FIRST_TEXT_BYTES);
      this.#text = join(this.#text.subarray(0, start), new Uint8Array(more));
    }
    this.#text.set(text, start);
    this.#textUsed += text.length;
    return start;
  }
}
