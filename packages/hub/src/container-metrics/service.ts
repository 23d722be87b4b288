import { FairleadError } from "@fairlead/protocol";
import type { ContainerFigures, ContainerMetricsSeries, ContainerSummary } from "@fairlead/protocol/rest";
import type { Logger } from "pino";
import { WriteQueue } from "../database/write-queue.ts";
import { findGaps } from "../metrics/gaps.ts";
import { ROLLUP_SECONDS, rollupStart } from "../metrics/rollup.ts";
import type { SeriesRange } from "../metrics/service.ts";
import type { FigureSample } from "./packed-samples.ts";
import { rollUpSamples } from "./roll-up-figures.ts";
import { type ContainerMetricsStore, type MeasuredContainer, ROW_SECONDS, type SampleChunk } from "./store.ts";

export interface ContainerMetricsOptions {
  readonly store: ContainerMetricsStore;
  readonly log: Logger;
  /** A host's containers as last known. */
  readonly lastKnown: (environmentId: number) => Promise<readonly ContainerSummary[]>;
  /** Seconds between two samples. */
  readonly intervalS: number;
  /** Milliseconds that 5-minute figures are kept. */
  readonly rollupRetentionMs: number;
  readonly now?: () => number;
}

export interface ContainerMetricsStats {
  /** Samples stored since the start of the hub. */
  readonly stored: number;
  /** Samples lost because more came than could be written. */
  readonly dropped: number;
  readonly queued: number;
}

/** An environment's name, for messages. */
interface NamedEnvironment {
  readonly id: number;
  readonly name: string;
}

interface Chunk extends SampleChunk {
  readonly samples: FigureSample[];
  /** Its 5 minutes go on. Else it waits to be written. */
  isOpen: boolean;
}

const DAY_S = 24 * 3600;
/** An hour is rolled up when all its chunks are written for sure. */
const ROLL_UP_GRACE_S = 2 * ROLLUP_SECONDS;
/** In full for a day; what is older was rolled up, also where the hub was stopped for an hour or two in between. */
const FULL_RETENTION_S = DAY_S + 2 * 3600;
/** Chunks that wait to be written: 20,000 containers, whose 5 minutes end together. */
const QUEUE_CAPACITY = 20_000;
/** 69 days of 5-minute points, some 5 MB of JSON. */
const MAX_SERIES_POINTS = 20_000;

/** The history of containers' figures: a day in full, then in 5-minute figures. */
export class ContainerMetrics {
  readonly #options: ContainerMetricsOptions;
  readonly #now: () => number;
  readonly #queue: WriteQueue<Chunk>;
  /** What is not written yet, by container: the present 5 minutes last, and those before that wait to be written. */
  readonly #unwritten = new Map<string, Chunk[]>();
  #openSince = 0;
  #stored = 0;
  #dropped = 0;

  constructor(options: ContainerMetricsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#queue = new WriteQueue<Chunk>({
      what: "container figures",
      log: options.log,
      capacity: QUEUE_CAPACITY,
      write: (batch) => this.#write(batch),
    });
  }

  get stats(): ContainerMetricsStats {
    return { stored: this.#stored, dropped: this.#dropped, queued: this.#queue.length };
  }

  /** Takes a sample of now without waiting. Samples of 5 minutes are written together. */
  add(container: MeasuredContainer, figures: ContainerFigures): void {
    const at = Math.floor(this.#now() / 1000);
    const start = rollupStart(at);
    this.#closeBefore(start);
    const key = keyOf(container.environmentId, container.id);
    const chunks = this.#unwritten.get(key) ?? [];
    this.#unwritten.set(key, chunks);
    const open = chunks.at(-1);
    if (open?.isOpen === true && open.container.name === container.name) open.samples.push({ at, figures });
    else {
      chunks.push({ container, at: start, samples: [{ at, figures }], isOpen: true });
      // It was renamed.
      if (open?.isOpen === true) this.#enqueue(open);
    }
  }

  /** Writes what is of 5 minutes that have ended. To be called now and then. */
  closeEnded(): void {
    this.#closeBefore(rollupStart(Math.floor(this.#now() / 1000)));
  }

  /** @throws FairleadError not_found; bad_request when the range is empty or holds too many points. */
  async series(environment: NamedEnvironment, idOrName: string, range: SeriesRange): Promise<ContainerMetricsSeries> {
    const now = Math.floor(this.#now() / 1000);
    const [from, to] = [Math.floor(range.from), Math.min(Math.floor(range.to), now)];
    if (Math.floor(range.from) > Math.floor(range.to)) throw wrongSince("since: must not be after until.");
    const id = await this.#idOf(environment, idOrName);
    // A caller who asks for the last day did so some moments ago.
    const inLastDay = from >= now - DAY_S - ROLLUP_SECONDS;
    const isFull = range.resolution === "full" || (range.resolution === "auto" && inLastDay);
    const samples = isFull
      ? await this.#full(environment.id, id, from, to)
      : await this.#rolled(environment.id, id, from - ROLLUP_SECONDS + 1, to, now);
    if (samples.length > MAX_SERIES_POINTS) throw tooManyPoints();
    const points = samples.map(({ at, figures }) => ({ at, metrics: figures }));
    const gaps = findGaps(points, from, to, isFull ? this.#options.intervalS || 60 : ROLLUP_SECONDS);
    return { resolution: isFull ? "full" : "5m", points, gaps };
  }

  /** Rolls up hours that have ended, and deletes what is too old. @returns rows that went. */
  async prune(): Promise<number> {
    const { store, rollupRetentionMs } = this.#options;
    const now = Math.floor(this.#now() / 1000);
    // An hour whose chunks still wait would be rolled up without them.
    if (this.#queue.length === 0) await store.rollUp(now - ROLL_UP_GRACE_S);
    const full = await store.prune("container_metrics", now - FULL_RETENTION_S);
    const oldest = Math.floor(now - rollupRetentionMs / 1000);
    const rollups = await store.prune("container_metrics_rollups", oldest);
    return full + rollups + (await store.pruneContainers(Math.min(oldest, now - FULL_RETENTION_S)));
  }

  /** Deletes what is kept of an environment that was removed. */
  async environmentRemoved(environmentId: number): Promise<void> {
    for (const [key, [chunk]] of this.#unwritten) {
      if (chunk?.container.environmentId === environmentId) this.#unwritten.delete(key);
    }
    // What was on its way to be written is deleted with the rest.
    await this.#queue.flush();
    await this.#options.store.removeEnvironment(environmentId, Math.floor(this.#now() / 1000));
  }

  /** Deletes what was written for environments just when they were removed. Called at start. */
  async sweep(): Promise<void> {
    for (const id of await this.#options.store.removedEnvironments()) await this.environmentRemoved(id);
  }

  /** Resolves when all of the 5 minutes that have ended is stored. */
  flush(): Promise<void> {
    return this.#queue.flush();
  }

  /** Writes everything and takes nothing more. */
  async stop(): Promise<void> {
    this.#closeBefore(Number.POSITIVE_INFINITY);
    await this.#queue.stop();
  }

  #closeBefore(start: number): void {
    if (this.#openSince >= start) return;
    this.#openSince = start;
    for (const chunks of [...this.#unwritten.values()]) {
      const open = chunks.at(-1);
      if (open?.isOpen === true) this.#enqueue(open);
    }
  }

  #enqueue(chunk: Chunk): void {
    chunk.isOpen = false;
    if (this.#queue.push(chunk)) return;
    if (this.#dropped === 0)
      this.#options.log.error("More container figures come than can be stored; what is lost is counted");
    this.#dropped += chunk.samples.length;
    this.#forget(chunk);
  }

  async #write(batch: readonly Chunk[]): Promise<void> {
    await this.#options.store.insert(batch);
    for (const chunk of batch) {
      this.#stored += chunk.samples.length;
      this.#forget(chunk);
    }
  }

  #forget(chunk: Chunk): void {
    const key = keyOf(chunk.container.environmentId, chunk.container.id);
    const left = this.#unwritten.get(key)?.filter((other) => other !== chunk);
    if (left === undefined) return;
    if (left.length === 0) this.#unwritten.delete(key);
    else this.#unwritten.set(key, left);
  }

  /** @throws FairleadError not_found. */
  async #idOf({ id: environmentId, name }: NamedEnvironment, idOrName: string): Promise<string> {
    const known = (await this.#options.lastKnown(environmentId)).find(
      ({ Id, Names }) => Id === idOrName || Names?.includes(`/${idOrName}`),
    );
    if (known) return known.Id;
    const measured = [...this.#unwritten.values()]
      .flatMap(([chunk]) => chunk?.container ?? [])
      .find(
        (container) =>
          container.environmentId === environmentId && (container.id === idOrName || container.name === idOrName),
      );
    if (measured) return measured.id;
    const stored = await this.#options.store.find(environmentId, idOrName);
    if (stored) return stored.containerId;
    throw new FairleadError(
      "not_found",
      `The environment ${name} has no container ${JSON.stringify(idOrName)}, and no figures of one. Give its full id or its name.`,
    );
  }

  async #full(environmentId: number, id: string, from: number, to: number): Promise<FigureSample[]> {
    const now = Math.floor(this.#now() / 1000);
    const unwritten = (this.#unwritten.get(keyOf(environmentId, id)) ?? []).flatMap(({ samples }) => samples);
    const stored = await this.#options.store.find(environmentId, id);
    const start = Math.max(from, now - FULL_RETENTION_S - ROLLUP_SECONDS, stored?.firstSeenAt ?? 0);
    const written = stored ? await this.#options.store.select("container_metrics", stored.key, start, to) : [];
    // What was written meanwhile is in both.
    const all = new Map([...written, ...unwritten].map((sample) => [sample.at, sample]));
    return [...all.values()].filter(({ at }) => at >= from && at <= to).toSorted((a, b) => a.at - b.at);
  }

  /** Hours that are rolled up, and those that are not yet. */
  async #rolled(environmentId: number, id: string, from: number, to: number, now: number): Promise<FigureSample[]> {
    const stored = await this.#options.store.find(environmentId, id);
    const kept = Math.floor(now - this.#options.rollupRetentionMs / 1000) - ROW_SECONDS.container_metrics_rollups;
    const start = Math.max(from, kept, rollupStart(stored?.firstSeenAt ?? from));
    if ((to - start) / ROLLUP_SECONDS > MAX_SERIES_POINTS) throw tooManyPoints();
    const rolled = stored ? await this.#options.store.select("container_metrics_rollups", stored.key, start, to) : [];
    const full = await this.#full(environmentId, id, Math.max(start, rollupStart(now - DAY_S)), now);
    const all = new Map([...rollUpSamples(full), ...rolled].map((sample) => [sample.at, sample]));
    return [...all.values()].filter(({ at }) => at >= from && at <= to).toSorted((a, b) => a.at - b.at);
  }
}

function keyOf(environmentId: number, id: string): string {
  return `${environmentId} ${id}`;
}

function tooManyPoints(): FairleadError {
  return wrongSince(
    `since: the range holds more than ${MAX_SERIES_POINTS} points. Ask for a shorter one, or for resolution 5m.`,
  );
}

function wrongSince(message: string): FairleadError {
  return new FairleadError("bad_request", message, { details: { field: "since" } });
}
