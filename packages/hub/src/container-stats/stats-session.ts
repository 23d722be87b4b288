import { setTimeout as sleep } from "node:timers/promises";
import { FairleadError, toFairleadError } from "@fairlead/protocol";
import {
  type ContainerRef,
  type ContainerSample,
  type ContainerStatsControl,
  MAX_WATCHED_CONTAINERS,
  type WatchContainers,
  WatchContainersSchema,
} from "@fairlead/protocol/rest";
import { WebSocket } from "ws";
import { type Caller, may } from "../access/caller.ts";
import type { EnvironmentChange, EnvironmentRecord } from "../environments/record.ts";
import { keepSocketAlive } from "../http/keep-socket-alive.ts";
import { validatorCompiler } from "../http/validation.ts";
import type { StatsSampler, StatsWatcher } from "./stats-sampler.ts";

export interface StatsSessionOptions {
  readonly socket: WebSocket;
  readonly caller: Caller;
  readonly sampler: StatsSampler;
  readonly environments: { resolve(idOrName: string): Promise<EnvironmentRecord> };
}

const PERMISSION = "container.view";

/** Samples that come within this go in one message. */
const GATHER_MS = 100;

/** A page that scrolls says often what it sees: each time is a round of questions to engines. */
const MIN_WATCH_INTERVAL_MS = 100;

/** A browser that does not read misses samples; the next ones say more. */
const MAX_WAITING_BYTES = 256 * 1024;

const check = validatorCompiler({ schema: WatchContainersSchema, method: "GET", url: "", httpPart: "body" });

/** One page that watches containers' figures. */
export class StatsSession implements StatsWatcher {
  readonly #options: StatsSessionOptions;
  readonly #watched = new Map<string, ContainerRef>();
  #samples: ContainerSample[] = [];
  #gone: ContainerRef[] = [];
  #gathering: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: StatsSessionOptions) {
    this.#options = options;
  }

  /** Serves the page until it leaves. */
  run(): void {
    const { socket } = this.#options;
    keepSocketAlive(socket);
    socket.once("close", () => {
      this.#isClosed = true;
      clearTimeout(this.#gathering);
      for (const container of this.#watched.values()) this.#options.sampler.unwatch(this, container);
    });
    socket.on("message", (data, isBinary) => {
      // One after the other; what the socket holds is bounded by its message limit.
      socket.pause();
      this.#receive(isBinary ? undefined : (data as Buffer))
        .catch((error: unknown) => this.fail(error))
        .finally(() => socket.resume());
    });
  }

  /** Tells an error and closes. */
  fail(thrown: unknown): void {
    const { code, message, close } = toFairleadError(thrown);
    this.#send({ type: "error", code, message });
    this.#options.socket.close(close);
  }

  sample(sample: ContainerSample): void {
    this.#samples.push(sample);
    this.#gather();
  }

  gone({ environmentId, id }: ContainerRef): void {
    this.#watched.delete(keyOf(environmentId, id));
    this.#gone.push({ environmentId, id });
    this.#gather();
  }

  /** What the caller may not see any longer is not watched. */
  environmentChanged({ type, environment }: EnvironmentChange): void {
    if (type !== "removed" && may(this.#options.caller, PERMISSION, environment)) return;
    const lost = [...this.#watched.values()].filter(({ environmentId }) => environmentId === environment.id);
    for (const container of lost) this.#unwatch(container);
    this.#refuse(lost);
  }

  async #receive(text: Buffer | undefined): Promise<void> {
    const named = parseWatch(text);
    const wanted = new Map(named.map((container) => [keyOf(container.environmentId, container.id), container]));
    const visible = await this.#visible(new Set(named.map(({ environmentId }) => environmentId)));
    if (this.#isClosed) return;
    for (const [key, container] of this.#watched) if (!wanted.has(key)) this.#unwatch(container);
    const refused: ContainerRef[] = [];
    for (const [key, container] of wanted) {
      if (!visible.has(container.environmentId)) refused.push(container);
      else if (!this.#watched.has(key)) {
        this.#watched.set(key, container);
        this.#options.sampler.watch(this, container);
      }
    }
    this.#refuse(refused);
    await sleep(MIN_WATCH_INTERVAL_MS, undefined, { ref: false });
  }

  async #visible(environmentIds: ReadonlySet<number>): Promise<ReadonlySet<number>> {
    const { environments, caller } = this.#options;
    const visible = new Set<number>();
    for (const id of environmentIds) {
      const environment = await environments.resolve(String(id)).catch(() => undefined);
      if (environment && may(caller, PERMISSION, environment)) visible.add(id);
    }
    return visible;
  }

  #unwatch(container: ContainerRef): void {
    this.#watched.delete(keyOf(container.environmentId, container.id));
    this.#options.sampler.unwatch(this, container);
  }

  #refuse(containers: ContainerRef[]): void {
    if (containers.length > 0) this.#send({ type: "refused", containers });
  }

  #gather(): void {
    this.#gathering ??= setTimeout(() => this.#flush(), GATHER_MS).unref();
  }

  #flush(): void {
    this.#gathering = undefined;
    // What was unwatched meanwhile is no news.
    const samples = this.#samples.filter(({ environmentId, id }) => this.#watched.has(keyOf(environmentId, id)));
    const gone = this.#gone;
    [this.#samples, this.#gone] = [[], []];
    const isSlow = this.#options.socket.bufferedAmount > MAX_WAITING_BYTES;
    if (samples.length > 0 && !isSlow) this.#send({ type: "samples", samples });
    if (gone.length > 0) this.#send({ type: "gone", containers: gone });
  }

  #send(control: ContainerStatsControl): void {
    const { socket } = this.#options;
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(control));
  }
}

function keyOf(environmentId: number, id: string): string {
  return `${environmentId} ${id}`;
}

/** @throws FairleadError bad_request. */
function parseWatch(text: Buffer | undefined): ContainerRef[] {
  if (text === undefined) throw wrongMessage("it is binary");
  let message: unknown;
  try {
    message = JSON.parse(text.toString());
  } catch {
    throw wrongMessage("it is not JSON");
  }
  const count = (message as { containers?: { length?: unknown } } | null)?.containers?.length;
  if (typeof count === "number" && count > MAX_WATCHED_CONTAINERS) {
    throw wrongMessage(`it names ${count} containers, over the limit of ${MAX_WATCHED_CONTAINERS}`);
  }
  const { value, error } = check(message) as { value?: WatchContainers; error?: Error };
  if (value) return value.containers;
  throw error ?? wrongMessage("it is not as it should be");
}

function wrongMessage(problem: string): FairleadError {
  return new FairleadError("bad_request", `A message about containers to watch is wrong: ${problem}.`);
}
