import { toFairleadError } from "@fairlead/protocol";
import type { ContainerSummary, EnvironmentContainers } from "@fairlead/protocol/rest";
import type { EngineConnection } from "../engine/engine-connection.ts";
import type { EnvironmentRecord } from "../environments/record.ts";
import { ConcurrencyLimit } from "./concurrency-limit.ts";
import { readContainers } from "./engine-snapshot.ts";
import { isoTime } from "./lamp.ts";
import type { WatchStore } from "./store.ts";

export interface ContainerListsOptions {
  readonly store: WatchStore;
  readonly connections: { for(environmentId: number): EngineConnection };
  /** A host did not answer. */
  readonly reportFailure: (environmentId: number) => void;
  readonly now?: () => number;
  /** Milliseconds for one host's answer. Default 5,000. */
  readonly timeoutMs?: number;
  /** Milliseconds for all hosts of one question. Default 10,000. */
  readonly deadlineMs?: number;
}

/** A person waits for the list: a host that takes longer is shown as it was. */
const TIMEOUT_MS = 5_000;
const DEADLINE_MS = 10_000;
/** Lists are read whole into memory, at most 16 MiB each. */
const HOSTS_AT_ONCE = 16;

/** The containers of hosts: as they are where the host answers, else as they last were. */
export class ContainerLists {
  readonly #options: ContainerListsOptions;
  readonly #limit = new ConcurrencyLimit(HOSTS_AT_ONCE);

  constructor(options: ContainerListsOptions) {
    this.#options = options;
  }

  /** In the order of `environments`. Hosts that do not answer take no longer than the deadline altogether. */
  async list(environments: readonly EnvironmentRecord[]): Promise<EnvironmentContainers[]> {
    const deadline = this.#deadline();
    return Promise.all(environments.map((environment) => this.listOne(environment, deadline)));
  }

  async listOne(environment: EnvironmentRecord, deadline = this.#deadline()): Promise<EnvironmentContainers> {
    const { connections, timeoutMs = TIMEOUT_MS, reportFailure, now = Date.now } = this.#options;
    const { id, name, kind } = environment;
    try {
      const engine = connections.for(id);
      const at = now();
      const containers = await this.#limit.run(() => readContainers(engine, timeoutMs, deadline));
      return { environment: { id, name, kind }, live: true, at: isoTime(at), error: null, containers };
    } catch (thrown) {
      reportFailure(id);
      const { message } = toFairleadError(thrown);
      const error = deadline.aborted ? `${name} did not answer in time.` : message;
      return { environment: { id, name, kind }, live: false, error, ...(await this.#lastKnown(id)) };
    }
  }

  /** Without asking the host. */
  async lastKnown(environmentId: number): Promise<ContainerSummary[]> {
    return (await this.#lastKnown(environmentId)).containers;
  }

  #deadline(): AbortSignal {
    return AbortSignal.timeout(this.#options.deadlineMs ?? DEADLINE_MS);
  }

  async #lastKnown(environmentId: number): Promise<{ at: string | null; containers: ContainerSummary[] }> {
    const snapshot = await this.#options.store.containers(environmentId);
    if (!snapshot) return { at: null, containers: [] };
    return { at: isoTime(snapshot.at), containers: JSON.parse(snapshot.containers) as ContainerSummary[] };
  }
}
