import { type HeldLine, LineChunk } from "./line-chunk.ts";
import { compareTimes, type LogTime } from "./log-time.ts";

/**
 * What is held at once; beyond it the oldest lines go (or, while somebody reads older ones, nothing newer is taken), and are asked for
 * again when somebody scrolls there. With the 24 bytes of each line beside its text this is at most some 70 MiB, some 30 MiB with
 * lines of 120 bytes.
 */
export const MAX_LINES = 200_000;
const MAX_TEXT_BYTES = 64 * 1024 * 1024;

/** Where a line is held. */
export interface Place {
  readonly chunk: LineChunk;
  readonly at: number;
}

/** Lines of all sources, sorted by time; those of the same time as they came. */
export class LineStore {
  #chunks: LineChunk[] = [];
  /** The index of each chunk's first line; made again when chunks have changed. */
  #firsts: number[] | undefined;
  #count = 0;
  readonly #maxLines: number;
  /** Lines by slot. */
  readonly #bySlot = new Uint32Array(256);

  constructor(maxLines: number = MAX_LINES) {
    this.#maxLines = maxLines;
  }

  get count(): number {
    return this.#count;
  }

  get textBytes(): number {
    let bytes = 0;
    for (const chunk of this.#chunks) bytes += chunk.textBytes;
    return bytes;
  }

  get isFull(): boolean {
    return this.#count >= this.#maxLines || this.textBytes >= MAX_TEXT_BYTES;
  }

  /** More than one chunk of lines above the limit. */
  get isOverfull(): boolean {
    const [first] = this.#chunks;
    if (first === undefined || this.#chunks.length < 2) return false;
    return this.#count - first.count >= this.#maxLines || this.textBytes - first.textBytes >= MAX_TEXT_BYTES;
  }

  countOf(slot: number): number {
    return this.#bySlot[slot] ?? 0;
  }

  /** Adds a line where its time belongs, after all of the same time. */
  insert(line: HeldLine): void {
    this.#count += 1;
    this.#bySlot[line.slot] = this.countOf(line.slot) + 1;
    const last = this.#chunks.at(-1);
    if (last === undefined || !isBefore(line, last, last.count - 1)) {
      this.#append(line, last);
      return;
    }
    this.#firsts = undefined;
    let index = this.#chunks.findIndex((chunk) => isBefore(line, chunk, chunk.count - 1));
    const chunk = this.#chunks[index] as LineChunk;
    const at = upperBound(chunk, line);
    const before = this.#chunks[index - 1];
    if (at === 0 && before !== undefined && !before.isFull) {
      before.insert(before.count, line);
    } else if (!chunk.isFull) {
      chunk.insert(at, line);
    } else if (at === 0) {
      const fresh = new LineChunk();
      fresh.insert(0, line);
      this.#chunks.splice(index, 0, fresh);
    } else {
      const middle = chunk.count >> 1;
      const halves = chunk.split(middle);
      this.#chunks.splice(index, 1, ...halves);
      if (at > middle) halves[1].insert(at - middle, line);
      else halves[0].insert(at, line);
    }
  }

  #append(line: HeldLine, last: LineChunk | undefined): void {
    let chunk = last;
    if (chunk === undefined || chunk.isFull) {
      chunk?.trim();
      chunk = new LineChunk();
      this.#chunks.push(chunk);
      this.#firsts = undefined;
    }
    chunk.insert(chunk.count, line);
  }

  /** Removes the oldest chunk; what it held is told. */
  dropFirst(onDrop: (slot: number, time: LogTime) => void): number {
    return this.#drop(this.#chunks.shift(), onDrop);
  }

  /** Removes the newest chunk. */
  dropLast(onDrop: (slot: number, time: LogTime) => void): number {
    return this.#drop(this.#chunks.pop(), onDrop);
  }

  #drop(chunk: LineChunk | undefined, onDrop: (slot: number, time: LogTime) => void): number {
    if (chunk === undefined) return 0;
    this.#firsts = undefined;
    this.#count -= chunk.count;
    for (let at = 0; at < chunk.count; at += 1) {
      const slot = chunk.slots[at] ?? 0;
      this.#bySlot[slot] = this.countOf(slot) - 1;
      onDrop(slot, timeAt(chunk, at));
    }
    return chunk.count;
  }

  /** Removes all lines of a source. */
  removeSlot(slot: number): void {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#firsts = undefined;
    this.#count = 0;
    this.#bySlot.fill(0);
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.count; at += 1) if (chunk.slots[at] !== slot) this.insert(heldLine(chunk, at));
    }
  }

  place(index: number): Place | undefined {
    if (index < 0 || index >= this.#count) return undefined;
    const firsts = this.#starts();
    let low = 0;
    let high = firsts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((firsts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    const chunk = this.#chunks[low];
    return chunk && { chunk, at: index - (firsts[low] ?? 0) };
  }

  timeAt(index: number): LogTime | undefined {
    const place = this.place(index);
    return place && timeAt(place.chunk, place.at);
  }

  /** Every chunk with the index of its first line. */
  *chunks(): Generator<readonly [chunk: LineChunk, first: number]> {
    let first = 0;
    for (const chunk of this.#chunks) {
      yield [chunk, first];
      first += chunk.count;
    }
  }

  /** The index of the first line that is not before the time. */
  indexOfTime(time: LogTime): number {
    let first = 0;
    for (const chunk of this.#chunks) {
      if (chunk.count > 0 && compareTimes(timeAt(chunk, chunk.count - 1), time) >= 0) {
        let at = 0;
        while (compareTimes(timeAt(chunk, at), time) < 0) at += 1;
        return first + at;
      }
      first += chunk.count;
    }
    return this.#count;
  }

  /** The index of a line that is known by time and id; undefined when it is not held. */
  indexOfLine(time: LogTime, id: number): number | undefined {
    for (let index = this.indexOfTime(time); ; index += 1) {
      const place = this.place(index);
      if (!place || compareTimes(timeAt(place.chunk, place.at), time) > 0) return undefined;
      if (place.chunk.ids[place.at] === id) return index;
    }
  }

  /** Lines of a source at exactly this time. */
  countAt(slot: number, time: LogTime): number {
    let count = 0;
    for (let index = this.indexOfTime(time); ; index += 1) {
      const place = this.place(index);
      if (!place || compareTimes(timeAt(place.chunk, place.at), time) > 0) return count;
      if (place.chunk.slots[place.at] === slot) count += 1;
    }
  }

  #starts(): readonly number[] {
    if (this.#firsts) return this.#firsts;
    const firsts: number[] = [];
    let first = 0;
    for (const chunk of this.#chunks) {
      firsts.push(first);
      first += chunk.count;
    }
    return (this.#firsts = firsts);
  }
}

export function timeAt(chunk: LineChunk, at: number): LogTime {
  return { micros: chunk.micros[at] ?? 0, nanos: chunk.nanos[at] ?? 0 };
}

function heldLine(chunk: LineChunk, at: number): HeldLine {
  return {
    ...timeAt(chunk, at),
    id: chunk.ids[at] ?? 0,
    slot: chunk.slots[at] ?? 0,
    flags: chunk.flags[at] ?? 0,
    text: chunk.text(at),
  };
}

function isBefore(line: LogTime, chunk: LineChunk, at: number): boolean {
  const micros = chunk.micros[at] ?? 0;
  return line.micros < micros || (line.micros === micros && line.nanos < (chunk.nanos[at] ?? 0));
}

/** Where the chunk has the first line that is after the time. */
function upperBound(chunk: LineChunk, time: LogTime): number {
  let low = 0;
  let high = chunk.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(time, chunk, middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
