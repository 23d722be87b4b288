/**
 * Entries a minute about callers who are not known: anybody who reaches the hub can make them, and must not fill its disk. Beyond
 * that they are counted, and the count becomes an entry.
 */
const ENTRIES_A_MINUTE = 60;
const MINUTE_MS = 60_000;

/** Lets through so many entries a minute, and tells how many more there were. */
export class AnonymousLimit {
  readonly #tell: (attempts: number, since: number) => void;
  #since = Number.NEGATIVE_INFINITY;
  #admitted = 0;
  #over = 0;
  #counted = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param tell Called at most once a minute. `since`: Unix milliseconds when that minute began. */
  constructor(tell: (attempts: number, since: number) => void) {
    this.#tell = tell;
  }

  /** All that were only counted. */
  get counted(): number {
    return this.#counted;
  }

  admits(now: number): boolean {
    if (now >= this.#since + MINUTE_MS) {
      this.#tellCount();
      [this.#since, this.#admitted] = [now, 0];
    }
    this.#admitted += 1;
    if (this.#admitted <= ENTRIES_A_MINUTE) return true;
    this.#over += 1;
    this.#counted += 1;
    this.#timer ??= setTimeout(() => this.#tellCount(), MINUTE_MS).unref();
    return false;
  }

  stop(): void {
    this.#tellCount();
  }

  #tellCount(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const attempts = this.#over;
    this.#over = 0;
    if (attempts > 0) this.#tell(attempts, this.#since);
  }
}
