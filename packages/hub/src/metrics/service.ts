import { setImmediate as nextTurn } from "node:timers/promises";
import { FairleadError, type HostMetrics } from "@fairlead/protocol";
import type { FleetMetrics, MetricsSeries } from "@fairlead/protocol/rest";
import type { Logger } from "pino";
import { WriteQueue } from "../database/write-queue.ts";
import { Downsampling } from "./downsampling.ts";
import { findGaps } from "./gaps.ts";
import { ROLLUP_SECONDS } from "./rollup.ts";
import { MAX_SAMPLE_AGE_S, sampleTime } from "./sample-time.ts";
import type { MetricsStore, Sample } from "./store.ts";

export interface MetricsServiceOptions {
  readonly store: MetricsStore;
  readonly log: Logger;
  /** Milliseconds that 5-minute figures are kept. Default 30 days. */
  readonly rollupRetentionMs?: number;
  readonly now?: () => number;
  /** Samples that may wait to be written. Default that of `WriteQueue`. */
  readonly capacity?: number;
}

export interface MetricsStats {
  /** Samples stored since the start of the hub. */
  readonly stored: number;
  /** Samples of a second that had one already: an agent sent them twice. */
  readonly duplicates: number;
  /** Samples with an impossible time, stored under the hub's. */
  readonly shifted: number;
  /** Samples lost because more came than could be written. */
  readonly dropped: number;
  readonly queued: number;
}

export interface SeriesRange {
  /** Unix seconds. */
  readonly from: number;
  /** Unix seconds, included. */
  readonly to: number;
  readonly resolution: "auto" | "full" | "5m";
}

export interface FleetRange {
  /** Unix seconds. */
  readonly from: number;
  /** Unix seconds, not included: spans are equal. */
  readonly to: number;
  /** Most points of each environment. */
  readonly points: number;
}

const DEFAULT_ROLLUP_RETENTION_MS = 30 * 24 * 3600_000;
/**
 * Samples are kept in full for a day, and for some rollups more: a sample that comes as late as it may still finds all others
 * of its 5 minutes.
 */
const FULL_RETENTION_S = MAX_SAMPLE_AGE_S + 3 * ROLLUP_SECONDS;
/** Agents send a sample every 30 s unless they are told otherwise. */
const USUAL_INTERVAL_S = 30;
/** 30 days of rollups are 8,640 points; a day of samples every 5 s is 17,280, some 5 MB of JSON. */
const MAX_SERIES_POINTS = 20_000;
/** Of one read, so that it holds up nobody: some 10 ms. */
const FLEET_READ_ROWS = 2_000;
/** Of all environments of one answer: 2,500 with 60 points, some 30 MB of JSON. */
const MAX_ANSWER_POINTS = 150_000;

/** The history of host metrics: a day in full, then in 5-minute figures. */
export class MetricsService {
  readonly #store: MetricsStore;
  readonly #log: Logger;
  readonly #rollupRetentionMs: number;
  readonly #now: () => number;
  readonly #queue: WriteQueue<Sample>;
  #stored = 0;
  #duplicates = 0;
  #shifted = 0;

  constructor(options: MetricsServiceOptions) {
    this.#store = options.store;
    this.#log = options.log;
    this.#rollupRetentionMs = options.rollupRetentionMs ?? DEFAULT_ROLLUP_RETENTION_MS;
    this.#now = options.now ?? Date.now;
    this.#queue = new WriteQueue<Sample>({
      what: "host metrics",
      log: options.log,
      write: (batch) => this.#write(batch),
      ...(options.capacity === undefined ? {} : { capacity: options.capacity }),
    });
  }

  get stats(): MetricsStats {
    return {
      stored: this.#stored,
      duplicates: this.#duplicates,
      shifted: this.#shifted,
      dropped: this.#queue.dropped,
      queued: this.#queue.length,
    };
  }

  /**
   * Takes a sample without waiting. Never throws.
   *
   * @param timestamp Unix seconds, as the agent tells it.
   */
  ingest(environmentId: number, timestamp: number, metrics: HostMetrics): void {
    const { at, shifted } = sampleTime(timestamp, this.#now() / 1000);
    if (shifted) {
      this.#shifted += 1;
      this.#log.debug({ environmentId, timestamp }, "Metrics with an impossible time; the host's clock may be wrong");
    }
    if (!this.#queue.push({ environmentId, at, metrics }) && this.#queue.dropped === 1) {
      this.#log.error("More host metrics come than can be stored; what is lost is counted");
    }
  }

  /** @throws FairleadError bad_request when the range is empty or holds too many samples. */
  async series(environmentId: number, range: SeriesRange): Promise<MetricsSeries> {
    const now = Math.floor(this.#now() / 1000);
    const from = Math.floor(range.from);
    const to = Math.floor(range.to);
    if (from > to) throw emptyRange();
    const inLastDay = this.#isInLastDay(from);
    if (range.resolution === "full" || (range.resolution === "auto" && inLastDay)) {
      const points = await this.#store.select("full", environmentId, from, to, MAX_SERIES_POINTS + 1);
      if (points.length <= MAX_SERIES_POINTS) {
        return { resolution: "full", points, gaps: findGaps(points, from, Math.min(to, now), USUAL_INTERVAL_S) };
      }
      if (range.resolution === "full") throw tooManyPoints();
    }
    const points = await this.#store.select("5m", environmentId, from - ROLLUP_SECONDS + 1, to, MAX_SERIES_POINTS + 1);
    if (points.length > MAX_SERIES_POINTS) throw tooManyPoints();
    return { resolution: "5m", points, gaps: findGaps(points, from, Math.min(to, now), ROLLUP_SECONDS) };
  }

  /**
   * Figures of many environments, downsampled to at most `points` each. Full resolution is read where it makes a difference and is
   * kept, in pieces: others get their turn in between.
   *
   * @throws FairleadError bad_request when the range is empty or the answer would be too large.
   */
  async fleet(environmentIds: readonly number[], { from, to, points }: FleetRange): Promise<FleetMetrics> {
    const start = Math.floor(from);
    const end = Math.floor(to);
    if (start > end) throw emptyRange();
    if (environmentIds.length * points > MAX_ANSWER_POINTS) throw tooManyOfFleet(environmentIds.length);
    const widthS = Math.max(1, Math.ceil((end - start) / points));
    const resolution = widthS < ROLLUP_SECONDS && this.#isInLastDay(start) ? "full" : "5m";
    const first = resolution === "full" ? start : start - ROLLUP_SECONDS + 1;
    const items: FleetMetrics["items"] = [];
    for (const environmentId of environmentIds) {
      const downsampling = new Downsampling(start, widthS);
      let next = first;
      for (;;) {
        const rows = await this.#store.select(resolution, environmentId, next, end - 1, FLEET_READ_ROWS);
        downsampling.add(rows);
        // Reading is synchronous underneath.
        await nextTurn();
        if (rows.length < FLEET_READ_ROWS) break;
        next = (rows.at(-1)?.at ?? end) + 1;
      }
      items.push({ environmentId, points: downsampling.points });
    }
    return { items };
  }

  async prune(): Promise<number> {
    const now = this.#now();
    const full = await this.#store.prune("metrics", Math.floor(now / 1000) - FULL_RETENTION_S);
    return full + (await this.#store.prune("metrics_rollups", Math.floor((now - this.#rollupRetentionMs) / 1000)));
  }

  /** Resolves when all that was taken until now is stored. */
  flush(): Promise<void> {
    return this.#queue.flush();
  }

  async stop(): Promise<void> {
    await this.#queue.stop();
  }

  /** A caller who asks for the last day did so some moments ago. */
  #isInLastDay(from: number): boolean {
    return from >= Math.floor(this.#now() / 1000) - MAX_SAMPLE_AGE_S - ROLLUP_SECONDS;
  }

  async #write(batch: readonly Sample[]): Promise<void> {
    const stored = await this.#store.insert(batch);
    this.#stored += stored;
    this.#duplicates += batch.length - stored;
  }
}

function emptyRange(): FairleadError {
  return new FairleadError("bad_request", "since: must not be after until.", { details: { field: "since" } });
}

function tooManyOfFleet(environments: number): FairleadError {
  return new FairleadError(
    "bad_request",
    `points: of ${environments} environments at most ${Math.floor(MAX_ANSWER_POINTS / environments)} each can be had at once. Ask for fewer, or for fewer environments.`,
    { details: { field: "points" } },
  );
}

function tooManyPoints(): FairleadError {
  return new FairleadError(
    "bad_request",
    `since: the range holds more than ${MAX_SERIES_POINTS} points. Ask for a shorter one, or for resolution 5m.`,
    { details: { field: "since" } },
  );
}
