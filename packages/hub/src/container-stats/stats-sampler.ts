import type { ContainerRef, ContainerSample } from "@fairlead/protocol/rest";
import { HostTurns } from "./host-turns.ts";
import type { StatsReader } from "./stats-reader.ts";

/** Who watches containers. Must not throw. */
export interface StatsWatcher {
  sample(sample: ContainerSample): void;
  /** It does not run any longer, and is not watched from now on. */
  gone(container: ContainerRef): void;
}

export interface StatsSamplerOptions {
  readonly reader: StatsReader;
  readonly isUp: (environmentId: number) => boolean;
  readonly now?: () => number;
  readonly times?: Partial<SamplerTimes>;
}

/** Milliseconds. */
export interface SamplerTimes {
  readonly sampleMs: number;
  /** From a container's first sample, which has no CPU figure, to its second. */
  readonly secondMs: number;
  /** Between two looks at what is due. */
  readonly tickMs: number;
  /** A host that does not answer is left alone for this long. */
  readonly restMs: number;
}

const TIMES: SamplerTimes = { sampleMs: 3_000, secondMs: 1_000, tickMs: 250, restMs: 5_000 };

/** A watched container. */
interface Entry {
  readonly environmentId: number;
  readonly id: string;
  readonly watchers: Set<StatsWatcher>;
  dueAt: number;
  isBusy: boolean;
  last: ContainerSample | undefined;
}

/**
 * Asks for the figures of the containers that somebody watches, once for all who watch the same. While nobody watches nothing
 * is asked. What may be watched is for those who use it to decide, and how much.
 */
export class StatsSampler {
  readonly #options: StatsSamplerOptions;
  readonly #times: SamplerTimes;
  readonly #now: () => number;
  readonly #turns = new HostTurns();
  readonly #entries = new Map<string, Entry>();
  /** Hosts that did not answer, until when they are left alone. */
  readonly #resting = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StatsSamplerOptions) {
    this.#options = options;
    this.#times = { ...TIMES, ...options.times };
    this.#now = options.now ?? Date.now;
  }

  /** Containers watched now. */
  get watched(): number {
    return this.#entries.size;
  }

  watch(watcher: StatsWatcher, { environmentId, id }: ContainerRef): void {
    const key = keyOf(environmentId, id);
    const known = this.#entries.get(key);
    if (known) {
      known.watchers.add(watcher);
      if (known.last) watcher.sample(known.last);
      return;
    }
    const watchers = new Set([watcher]);
    this.#entries.set(key, { environmentId, id, watchers, dueAt: 0, isBusy: false, last: undefined });
    this.#timer ??= setInterval(() => this.#tick(), this.#times.tickMs).unref();
  }

  unwatch(watcher: StatsWatcher, { environmentId, id }: ContainerRef): void {
    const entry = this.#entries.get(keyOf(environmentId, id));
    if (!entry?.watchers.delete(watcher) || entry.watchers.size > 0) return;
    this.#forget(entry);
  }

  stop(): void {
    for (const entry of [...this.#entries.values()]) this.#forget(entry);
  }

  #tick(): void {
    const now = this.#now();
    for (const [environmentId, until] of this.#resting) if (until <= now) this.#resting.delete(environmentId);
    for (const entry of this.#entries.values()) {
      if (entry.isBusy || entry.dueAt > now || !this.#isAnswering(entry)) continue;
      entry.isBusy = true;
      void this.#turns
        .run(entry.environmentId, () => this.#ask(entry))
        // What is wrong with the host its lights say.
        .catch(() => this.#resting.set(entry.environmentId, this.#now() + this.#times.restMs))
        .finally(() => (entry.isBusy = false));
    }
  }

  #isAnswering({ environmentId }: Entry): boolean {
    return !this.#resting.has(environmentId) && this.#options.isUp(environmentId);
  }

  async #ask(entry: Entry): Promise<void> {
    // Its turn may come late.
    if (!this.#isWatched(entry) || !this.#isAnswering(entry)) return;
    const { environmentId, id } = entry;
    const figures = await this.#options.reader.read(environmentId, id);
    if (!this.#isWatched(entry)) {
      // The answer has left what nobody compares with any longer; a new entry begins anew.
      if (!this.#entries.has(keyOf(environmentId, id))) this.#options.reader.forget(environmentId, id);
      return;
    }
    const now = this.#now();
    if (figures === "gone") {
      this.#forget(entry);
      for (const watcher of entry.watchers) watcher.gone({ environmentId, id });
      return;
    }
    entry.dueAt = now + (figures && !entry.last ? this.#times.secondMs : this.#times.sampleMs);
    if (figures === undefined) return;
    entry.last = { environmentId, id, at: new Date(now).toISOString(), ...figures };
    for (const watcher of entry.watchers) watcher.sample(entry.last);
  }

  #isWatched(entry: Entry): boolean {
    return this.#entries.get(keyOf(entry.environmentId, entry.id)) === entry;
  }

  #forget(entry: Entry): void {
    const { environmentId, id } = entry;
    this.#entries.delete(keyOf(environmentId, id));
    this.#options.reader.forget(environmentId, id);
    if (this.#entries.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#resting.clear();
  }
}

function keyOf(environmentId: number, id: string): string {
  return `${environmentId} ${id}`;
}
