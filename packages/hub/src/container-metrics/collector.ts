import type { EngineConnection } from "../engine/engine-connection.ts";
import { HostTurns } from "../container-stats/host-turns.ts";
import type { StatsReader } from "../container-stats/stats-reader.ts";
import { ConcurrencyLimit } from "../watch/concurrency-limit.ts";
import { readRunningContainers } from "../watch/engine-snapshot.ts";
import type { ContainerMetrics } from "./service.ts";

export interface CollectorOptions {
  readonly metrics: ContainerMetrics;
  readonly connections: { for(environmentId: number): EngineConnection };
  /** Of its own: CPU figures are about the time between two of its questions. */
  readonly reader: StatsReader;
  /** Hosts whose engine is up. */
  readonly enginesUp: () => readonly number[];
  /** Seconds between two samples of a container. 0: none is taken. */
  readonly intervalS: number;
  readonly now?: () => number;
}

export interface CollectorStats {
  /** Rounds over one host's containers since the start of the hub, by what became of them. */
  readonly done: number;
  readonly failed: number;
  /** Not begun, because the one before went on still. */
  readonly skipped: number;
}

/** Between two looks at what is due. */
const TICK_MS = 1_000;
/** Lists of containers are read whole into memory, and thousands of hosts may be due. */
const HOSTS_AT_ONCE = 16;
const LIST_TIMEOUT_MS = 10_000;
/** Multiples of it lie evenly between 0 and 1, however many there are: hosts are not all due at once. */
const GOLDEN_RATIO = 0.618_033_988_75;

interface Host {
  dueAt: number;
  isBusy: boolean;
}

/** Samples the running containers of all hosts for their history. */
export class ContainerMetricsCollector {
  readonly #options: CollectorOptions;
  readonly #now: () => number;
  readonly #hosts = new Map<number, Host>();
  readonly #turns = new HostTurns();
  readonly #rounds = new ConcurrencyLimit(HOSTS_AT_ONCE);
  readonly #stats = { done: 0, failed: 0, skipped: 0 };
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  get stats(): CollectorStats {
    return this.#stats;
  }

  start(): void {
    if (this.#options.intervalS > 0) this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** Rounds that go on end with the connections. */
  stop(): void {
    clearInterval(this.#timer);
    this.#hosts.clear();
  }

  #tick(): void {
    const { enginesUp, metrics, intervalS } = this.#options;
    metrics.closeEnded();
    const now = this.#now();
    const up = new Set(enginesUp());
    for (const [id, { isBusy }] of this.#hosts) if (!isBusy && !up.has(id)) this.#forget(id);
    for (const id of up) {
      const host = this.#hosts.get(id) ?? this.#add(id, now);
      if (host.dueAt > now) continue;
      host.dueAt = Math.max(host.dueAt + intervalS * 1000, now);
      if (host.isBusy) {
        this.#stats.skipped += 1;
        continue;
      }
      host.isBusy = true;
      void this.#rounds
        .run(() => this.#round(id, host))
        .then(() => (this.#stats.done += 1))
        // What is wrong with the host its lights say.
        .catch(() => (this.#stats.failed += 1))
        .finally(() => (host.isBusy = false));
    }
  }

  #add(id: number, now: number): Host {
    const host = { dueAt: now + ((id * GOLDEN_RATIO) % 1) * this.#options.intervalS * 1000, isBusy: false };
    this.#hosts.set(id, host);
    return host;
  }

  #forget(id: number): void {
    this.#hosts.delete(id);
    this.#options.reader.keepOnly(id, new Set());
  }

  async #round(environmentId: number, host: Host): Promise<void> {
    const { connections, reader, metrics } = this.#options;
    const isWanted = (): boolean => this.#hosts.get(environmentId) === host;
    if (!isWanted()) return;
    const containers = await readRunningContainers(connections.for(environmentId), LIST_TIMEOUT_MS);
    reader.keepOnly(environmentId, new Set(containers.map(({ Id }) => Id)));
    let failure: unknown;
    const sample = async (id: string, name: string): Promise<void> => {
      // A host that does not answer is not asked for the rest.
      if (failure !== undefined || !isWanted()) return;
      const figures = await reader.read(environmentId, id).catch((error: unknown) => void (failure ??= error));
      if (figures === undefined || figures === "gone" || !isWanted()) return;
      metrics.add({ environmentId, id, name }, figures);
    };
    await Promise.all(
      containers.map(({ Id, Names }) => this.#turns.run(environmentId, () => sample(Id, nameOf(Names, Id)))),
    );
    if (failure !== undefined) throw failure;
  }
}

/** Links of old give a container more names, each with a slash inside. */
function nameOf(names: readonly string[] | undefined, id: string): string {
  return names?.find((name) => name.lastIndexOf("/") === 0)?.slice(1) ?? id;
}
