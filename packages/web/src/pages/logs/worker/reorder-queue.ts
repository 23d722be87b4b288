import { compareTimes, type LogTime } from "./log-time.ts";

/** How long a line waits for earlier ones of other sources while several are live. */
const HOLD_BACK_MS = 300;

/** Beyond these nothing waits: 300 ms at 60,000 lines/s. */
const MAX_WAITING = 20_000;

interface Waiting<Line> {
  readonly line: Line;
  readonly arrivedAt: number;
}

/** Sorts what comes from several sources at about the same time, so that few lines come late to those that are shown already. */
export class ReorderQueue<Line extends LogTime> {
  #waiting: Waiting<Line>[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  push(line: Line, now: number): void {
    this.#waiting.push({ line, arrivedAt: now });
  }

  /** Sorted by time, those of the same time as they came: what has waited long enough, or all with `everything`. */
  take(now: number, everything: boolean): Line[] {
    const isAll = everything || this.#waiting.length > MAX_WAITING;
    const taken: Line[] = [];
    const left: Waiting<Line>[] = [];
    for (const waiting of this.#waiting) {
      if (isAll || now - waiting.arrivedAt >= HOLD_BACK_MS) taken.push(waiting.line);
      else left.push(waiting);
    }
    this.#waiting = left;
    return taken.sort(compareTimes);
  }

  /** What waits, as it came. */
  *lines(): Generator<Line> {
    for (const { line } of this.#waiting) yield line;
  }

  remove(isGone: (line: Line) => boolean): void {
    this.#waiting = this.#waiting.filter(({ line }) => !isGone(line));
  }
}
