import { parseAnsi, stripAnsi } from "./ansi.ts";
import type { Level } from "./level.ts";
import { type LineMatcher, lineMatcher } from "./line-matcher.ts";
import type { LineChunk } from "./line-chunk.ts";
import { isCutFlag, levelOfFlags, NOTE_SLOT, isStderrFlag } from "./line-flags.ts";
import { type LineStore, timeAt } from "./line-store.ts";
import type { LineFilter, ShownLine } from "./log-messages.ts";
import { lowerBound, type ShownIndexes, shownIndexes } from "./shown-indexes.ts";

const NO_FILTER: LineFilter = {
  search: { text: "", isRegex: false, matchCase: false },
  context: undefined,
  stdout: true,
  stderr: true,
  hidden: [],
};

/** Lines that are looked at before the clock is. */
const SLICE_LINES = 200;

const decoder = new TextDecoder();

/** Which of the held lines are shown, and how: what is looked for, hidden, marked. */
export class ShownLines {
  readonly #store: LineStore;
  readonly #keyOf: (slot: number) => string | undefined;
  #filter = NO_FILTER;
  #matcher: LineMatcher | undefined;
  readonly #hiddenSlots = new Uint8Array(256);
  #shown: ShownIndexes = { lines: undefined, matches: new Uint32Array(0) };
  #unmatched = 0;

  constructor(store: LineStore, keyOf: (slot: number) => string | undefined) {
    this.#store = store;
    this.#keyOf = keyOf;
  }

  /** @throws SyntaxError of an expression that is none; then the filter stays. */
  setFilter(filter: LineFilter): void {
    const { search } = this.#filter;
    const next = filter.search;
    if (search.text !== next.text || search.isRegex !== next.isRegex || search.matchCase !== next.matchCase) {
      this.#matcher = lineMatcher(next);
      for (const [chunk] of this.#store.chunks()) chunk.matched.fill(0);
    }
    this.#filter = filter;
  }

  /** Looks through lines that were not yet, for so long. True when there are none left. */
  lookThrough(budgetMs: number): boolean {
    this.#unmatched = 0;
    if (!this.#matcher) return true;
    const until = performance.now() + budgetMs;
    let left = SLICE_LINES;
    for (const [chunk] of this.#store.chunks()) {
      for (let at = 0; at < chunk.count; at += 1) {
        if (chunk.matched[at] !== 0) continue;
        if (this.#unmatched === 0) {
          chunk.matched[at] = this.#matcher.matches(plainText(chunk, at)) && chunk.slots[at] !== NOTE_SLOT ? 2 : 1;
          left -= 1;
          if (left > 0) continue;
          left = SLICE_LINES;
          if (performance.now() < until) continue;
        }
        this.#unmatched += 1;
      }
    }
    return this.#unmatched === 0;
  }

  /** 0-1. */
  get searched(): number {
    const { count } = this.#store;
    return count === 0 ? 1 : 1 - this.#unmatched / count;
  }

  /** Finds out anew which lines are shown. */
  update(): void {
    const { stdout, stderr, hidden, context } = this.#filter;
    const isPlain = stdout && stderr && hidden.length === 0 && !this.#matcher;
    if (isPlain) {
      this.#shown = { lines: undefined, matches: new Uint32Array(0) };
      return;
    }
    for (let slot = 0; slot < 256; slot += 1) {
      const key = this.#keyOf(slot);
      this.#hiddenSlots[slot] = key !== undefined && hidden.includes(key) ? 1 : 0;
    }
    const { count } = this.#store;
    const on = new Uint8Array(count);
    const matched = new Uint8Array(count);
    for (const [chunk, first] of this.#store.chunks()) {
      matched.set(chunk.matched.subarray(0, chunk.count), first);
      for (let at = 0; at < chunk.count; at += 1) {
        const slot = chunk.slots[at] ?? 0;
        const isErr = isStderrFlag(chunk.flags[at] ?? 0);
        on[first + at] = slot === NOTE_SLOT || (this.#hiddenSlots[slot] === 0 && (isErr ? stderr : stdout)) ? 1 : 0;
      }
    }
    this.#shown = shownIndexes({
      count,
      isOn: (index) => on[index] === 1,
      isMatch: (index) => matched[index] === 2,
      context: this.#matcher ? context : undefined,
    });
  }

  get total(): number {
    return this.#shown.lines?.length ?? this.#store.count;
  }

  get matches(): number | undefined {
    return this.#matcher && this.#shown.matches.length;
  }

  /** The index among all that are held. */
  heldIndex(index: number): number {
    return this.#shown.lines?.[index] ?? index;
  }

  /** Where a held line stands among those that are shown, or the next one after it. */
  shownIndex(held: number): number {
    return this.#shown.lines === undefined ? held : lowerBound(this.#shown.lines, held);
  }

  /** The next match after (before) an index; from the other end when there is none. */
  find(from: number, forward: boolean): { readonly index: number | undefined; readonly number: number } {
    const { matches } = this.#shown;
    if (matches.length === 0) return { index: undefined, number: 0 };
    const at = forward ? lowerBound(matches, from + 1) : lowerBound(matches, from) - 1;
    const number = (at + matches.length) % matches.length;
    return { index: matches[number], number: number + 1 };
  }

  lines(from: number, count: number, markedHeld: number | undefined): ShownLine[] {
    const lines: ShownLine[] = [];
    for (let index = from; index < Math.min(this.total, from + count); index += 1) {
      const held = this.heldIndex(index);
      const place = this.#store.place(held);
      if (!place) break;
      const { chunk, at } = place;
      const flags = chunk.flags[at] ?? 0;
      const { text, spans } = parseAnsi(decoder.decode(chunk.text(at)));
      lines.push({
        ...timeAt(chunk, at),
        id: chunk.ids[at] ?? 0,
        key: this.#keyOf(chunk.slots[at] ?? 0),
        isStderr: isStderrFlag(flags),
        isCut: isCutFlag(flags),
        level: levelOfFlags(flags) as Level,
        text,
        spans,
        ranges: chunk.matched[at] === 2 ? (this.#matcher?.ranges(text) ?? []) : [],
        isAfterGap: this.#filter.context !== undefined && index > 0 && this.heldIndex(index - 1) !== held - 1,
        isMarked: held === markedHeld,
      });
    }
    return lines;
  }

  /** All lines that are shown, as text, for a file. */
  *texts(
    nameOf: (slot: number) => string,
    withNames: boolean,
    stampOf: (chunk: LineChunk, at: number) => string,
  ): Generator<string> {
    for (let index = 0; index < this.total; index += 1) {
      const place = this.#store.place(this.heldIndex(index));
      if (!place) return;
      const { chunk, at } = place;
      const slot = chunk.slots[at] ?? 0;
      const name = slot === NOTE_SLOT ? "# " : withNames ? `${nameOf(slot)} | ` : "";
      yield `${stampOf(chunk, at)} ${name}${plainText(chunk, at)}\n`;
    }
  }
}

function plainText(chunk: LineChunk, at: number): string {
  return stripAnsi(decoder.decode(chunk.text(at)));
}
