/** A browser opens six connections to a hub at once: the stream has one, what the person does needs others. */
const AT_ONCE = 3;
/** Lists are read no faster than this over all hosts, however many of them tell of news: 10 a second. */
const PACE_MS = 100;
/** The same host's list again. */
const AGAIN_MS = 2_000;

export interface RefreshQueueOptions {
  /** Reads one host's list. Never rejects. */
  readonly read: (environmentId: number) => Promise<void>;
  readonly now?: () => number;
}

interface Wanted {
  /** Not before. */
  readonly at: number;
  /** Something is missing in what is shown; otherwise only details of it are old. */
  readonly isUrgent: boolean;
}

/** Which hosts' lists are to be read again: each once, however often that is asked for; few at a time; what is missing first. */
export class RefreshQueue {
  readonly #options: RefreshQueueOptions;
  /** Bounded by how many hosts there are. */
  readonly #wanted = new Map<number, Wanted>();
  readonly #reading = new Set<number>();
  readonly #lastReadAt = new Map<number, number>();
  #nextStartAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RefreshQueueOptions) {
    this.#options = options;
  }

  get #now(): number {
    return (this.#options.now ?? Date.now)();
  }

  /** Reads it once `afterMs` have passed and its turn has come; what is told while it is read is read again. */
  want(environmentId: number, { afterMs = 0, isUrgent = false } = {}): void {
    const known = this.#wanted.get(environmentId);
    const at = this.#now + afterMs;
    this.#wanted.set(
      environmentId,
      known ? { at: Math.min(known.at, at), isUrgent: known.isUrgent || isUrgent } : { at, isUrgent },
    );
    this.#schedule();
  }

  forget(environmentId: number): void {
    this.#wanted.delete(environmentId);
    this.#lastReadAt.delete(environmentId);
  }

  clear(): void {
    this.#wanted.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#reading.size >= AT_ONCE) return;
    let first = Number.POSITIVE_INFINITY;
    for (const [id, wanted] of this.#wanted)
      if (!this.#reading.has(id)) first = Math.min(first, this.#dueAt(id, wanted));
    if (first === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#startNext(), Math.max(0, Math.max(first, this.#nextStartAt) - this.#now));
  }

  #dueAt(environmentId: number, { at }: Wanted): number {
    return Math.max(at, (this.#lastReadAt.get(environmentId) ?? Number.NEGATIVE_INFINITY) + AGAIN_MS);
  }

  #startNext(): void {
    const now = this.#now;
    const due = [...this.#wanted]
      .filter(([id, wanted]) => !this.#reading.has(id) && this.#dueAt(id, wanted) <= now)
      .toSorted(([, a], [, b]) => Number(b.isUrgent) - Number(a.isUrgent) || a.at - b.at);
    const [next] = due[0] ?? [];
    if (next !== undefined) {
      this.#wanted.delete(next);
      this.#reading.add(next);
      this.#nextStartAt = now + PACE_MS;
      void this.#options.read(next).finally(() => {
        this.#reading.delete(next);
        this.#lastReadAt.set(next, this.#now);
        this.#schedule();
      });
    }
    this.#schedule();
  }
}
