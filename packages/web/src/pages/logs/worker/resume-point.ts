import { compareTimes, type LogTime } from "./log-time.ts";

/**
 * Where a log is continued: the engine is asked for everything from the last time on, and that many lines of this very time are known
 * already, as is everything before it.
 */
export class ResumePoint {
  readonly time: LogTime;
  #known: number;
  #sawTime = false;

  constructor(time: LogTime, known: number) {
    this.time = time;
    this.#known = known;
  }

  /** True when the line is new. In the engine's order. */
  isNew(line: LogTime): boolean {
    const order = compareTimes(line, this.time);
    if (order < 0) return false;
    if (order > 0) return true;
    this.#sawTime = true;
    if (this.#known === 0) return true;
    this.#known -= 1;
    return false;
  }

  /** Once something new came: the engine has no more the line that was the last, so that others may be gone, too. */
  get hasGap(): boolean {
    return this.#known > 0 && !this.#sawTime;
  }
}
