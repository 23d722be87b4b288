import { isFairleadError } from "@fairlead/protocol";
import type { ContainerSummary, Environment, EnvironmentContainers, EventItem } from "@fairlead/protocol/rest";
import { hub } from "./client.ts";
import { applyAction } from "./container-action.ts";
import { RefreshQueue } from "./refresh-queue.ts";
import { sameJson } from "./same-json.ts";
import { Store, useStore } from "./store.ts";

/** A container with its host. The same object as long as nothing of it changed. */
export interface ContainerRow {
  /** Unique over all hosts. */
  readonly key: string;
  readonly environmentId: number;
  readonly environmentName: string;
  /** Without the slash that Docker puts before it. */
  readonly name: string;
  /** When the engine told its `Status`, Unix milliseconds: "Up 3 hours" was true then. */
  readonly toldAt: number;
  readonly container: ContainerSummary;
}

/** How fresh the list of one host is. */
export interface ListAge {
  readonly environmentId: number;
  readonly environmentName: string;
  readonly live: boolean;
  /** ISO 8601. */
  readonly at: string | null;
  readonly error: string | null;
}

export interface ContainersState {
  readonly loaded: boolean;
  readonly error: Error | null;
  readonly rows: readonly ContainerRow[];
  /** The same object as long as nothing of it changed. */
  readonly ages: ReadonlyMap<number, ListAge>;
}

interface HostList {
  readonly age: ListAge;
  readonly rows: Map<string, ContainerRow>;
}

/** A list that is being read, and what was told meanwhile: the answer may be older than that. */
interface Reading {
  /** Null: of all hosts. */
  readonly environmentId: number | null;
  readonly told: EventItem[];
  isOverrun: boolean;
}

export interface ContainersOptions {
  readonly hub: {
    listContainers(): Promise<EnvironmentContainers[]>;
    environmentContainers(environmentId: number): Promise<EnvironmentContainers>;
  };
}

/** Changes within a moment are shown together: a fleet can tell hundreds of events a second. */
const PUBLISH_MS = 150;
/** An engine that has told of a new container is asked a little later, when it has started, too. */
const SETTLE_MS = 300;
/** Ports, limits and the like of a known container are not urgent. */
const DETAILS_MS = 2_000;
/** Events that are kept while a list is read: ten seconds of a fleet that tells 500 a second. Beyond it, the list is read again. */
const MAX_TOLD = 5_000;
/** A list that failed is asked for again by itself. */
const RETRY_MS = 5_000;

export function containerKey(environmentId: number, containerId: string): string {
  return `${environmentId}/${containerId}`;
}

/** All containers of all hosts, kept by their events; the list of a host is read again where an event does not tell enough. */
export class Containers {
  readonly store = new Store<ContainersState>({ loaded: false, error: null, rows: [], ages: new Map() });
  readonly #hub: ContainersOptions["hub"];
  readonly #hosts = new Map<number, HostList>();
  #ages: ReadonlyMap<number, ListAge> | undefined;
  readonly #readings = new Set<Reading>();
  readonly #queue = new RefreshQueue({ read: (id) => this.#readOne(id) });
  #loads = 0;
  #retrying: ReturnType<typeof setTimeout> | undefined;
  #publishing: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ContainersOptions) {
    this.#hub = options.hub;
  }

  async load(): Promise<void> {
    clearTimeout(this.#retrying);
    this.#loads += 1;
    const number = this.#loads;
    const reading = this.#begin(null);
    try {
      const lists = await this.#hub.listContainers();
      // One that was asked for later answers for this one.
      if (number !== this.#loads) return;
      const listed = new Set(lists.map(({ environment }) => environment.id));
      for (const id of this.#hosts.keys()) if (!listed.has(id)) this.#hosts.delete(id);
      this.#queue.clear();
      for (const list of lists) this.#take(list);
      this.#end(reading);
      this.#publishNow({ loaded: true, error: null });
    } catch (error) {
      if (number !== this.#loads) return;
      this.#publishNow({ error: error instanceof Error ? error : new Error(String(error)) });
      if (!isFairleadError(error) || error.retryable) this.#retrying = setTimeout(() => void this.load(), RETRY_MS);
    } finally {
      this.#readings.delete(reading);
    }
  }

  refreshAll(): void {
    void this.load();
  }

  /** Reads the list of one host soon. */
  refresh(environmentId: number): void {
    if (this.store.value.loaded) this.#queue.want(environmentId, { isUrgent: true });
  }

  forget(environmentId: number): void {
    this.#queue.forget(environmentId);
    if (!this.#hosts.delete(environmentId)) return;
    this.#ages = undefined;
    this.#publish();
  }

  /** What a change of a host means for its list. `before`: undefined of one that is new. */
  environmentChanged(environment: Environment, before: Environment | undefined): void {
    const { id, name, engine } = environment;
    const host = this.#hosts.get(id);
    const isBack = engine.state === "up" && (before?.engine.state !== "up" || host?.age.live === false);
    // A host that comes back has other containers than when it went.
    if (before === undefined || isBack) this.refresh(id);
    if (!host) return;
    const isAway = engine.state === "down" && host.age.live;
    if (name === host.age.environmentName && !isAway) return;
    const age: ListAge = {
      ...host.age,
      environmentName: name,
      ...(isAway && { live: false, at: engine.since ?? host.age.at, error: engine.error }),
    };
    const rows = new Map<string, ContainerRow>();
    for (const [key, row] of host.rows)
      rows.set(key, row.environmentName === name ? row : { ...row, environmentName: name });
    this.#hosts.set(id, { age, rows });
    this.#ages = undefined;
    this.#publish();
  }

  applyEvent(item: EventItem): void {
    for (const reading of this.#readings) {
      if (reading.environmentId !== null && reading.environmentId !== item.environmentId) continue;
      if (reading.told.length < MAX_TOLD) reading.told.push(item);
      else reading.isOverrun = true;
    }
    this.#apply(item);
  }

  #apply(item: EventItem): void {
    const host = this.#hosts.get(item.environmentId);
    if (item.kind === "gap") {
      this.refresh(item.environmentId);
      return;
    }
    const { containerId, action } = item.event;
    const row = host?.rows.get(containerId);
    if (!host || !row) {
      if (action !== "destroy") this.#refreshLater(item.environmentId, { afterMs: SETTLE_MS, isUrgent: true });
      return;
    }
    // Who tells is there.
    if (!host.age.live) this.refresh(item.environmentId);
    const container = applyAction(row.container, item.event);
    if (container === "gone") host.rows.delete(containerId);
    else if (container !== row.container) host.rows.set(containerId, this.#row(host.age, container, Date.now()));
    if (container !== row.container) this.#publish();
    // Ports, limits, and what a restart policy makes of a death stand in the list alone.
    if (/^(start|rename|update|die)/.test(action)) this.#refreshLater(item.environmentId, { afterMs: DETAILS_MS });
  }

  #refreshLater(environmentId: number, options: { afterMs: number; isUrgent?: boolean }): void {
    if (this.store.value.loaded) this.#queue.want(environmentId, options);
  }

  async #readOne(environmentId: number): Promise<void> {
    const reading = this.#begin(environmentId);
    const loads = this.#loads;
    try {
      const list = await this.#hub.environmentContainers(environmentId);
      // A list of all hosts that was asked for meanwhile is newer.
      if (loads !== this.#loads) return;
      this.#take(list);
      this.#end(reading);
      this.#publish();
    } catch {
      // Not to be seen, or gone: what is shown stays, with its age.
    } finally {
      this.#readings.delete(reading);
    }
  }

  #begin(environmentId: number | null): Reading {
    const reading: Reading = { environmentId, told: [], isOverrun: false };
    this.#readings.add(reading);
    return reading;
  }

  /** What was told while it was read is told again: in the end each container is as its last event says. */
  #end(reading: Reading): void {
    this.#readings.delete(reading);
    for (const item of reading.told) this.#apply(item);
    if (!reading.isOverrun) return;
    for (const id of reading.environmentId === null ? this.#hosts.keys() : [reading.environmentId]) this.refresh(id);
  }

  #take({ environment, containers, live, at, error }: EnvironmentContainers): void {
    const before = this.#hosts.get(environment.id);
    const told: ListAge = { environmentId: environment.id, environmentName: environment.name, live, at, error };
    const age = before && (live ? isSameLive(before.age, told) : sameJson(before.age, told)) ? before.age : told;
    if (age !== before?.age) this.#ages = undefined;
    const toldAt = at === null ? Date.now() : Date.parse(at);
    const rows = new Map<string, ContainerRow>();
    for (const container of containers) {
      const known = before?.rows.get(container.Id);
      const isSame = known?.environmentName === environment.name && sameJson(known.container, container);
      rows.set(container.Id, isSame ? known : this.#row(age, container, toldAt));
    }
    this.#hosts.set(environment.id, { age, rows });
  }

  #row({ environmentId, environmentName }: ListAge, container: ContainerSummary, toldAt: number): ContainerRow {
    const name = (container.Names[0] ?? container.Id.slice(0, 12)).replace(/^\//, "");
    return { key: containerKey(environmentId, container.Id), environmentId, environmentName, name, toldAt, container };
  }

  #publish(): void {
    this.#publishing ??= setTimeout(() => this.#publishNow(), PUBLISH_MS);
  }

  #publishNow(change: Partial<Pick<ContainersState, "loaded" | "error">> = {}): void {
    clearTimeout(this.#publishing);
    this.#publishing = undefined;
    const rows: ContainerRow[] = [];
    for (const { rows: of } of this.#hosts.values()) for (const row of of.values()) rows.push(row);
    this.#ages ??= new Map([...this.#hosts].map(([id, { age }]) => [id, age]));
    this.store.set({ ...this.store.value, ...change, rows, ages: this.#ages });
  }
}

/** When a live list was last read is no news: events keep it. */
function isSameLive(before: ListAge, told: ListAge): boolean {
  return before.live && told.live && before.environmentName === told.environmentName;
}

export const containers = new Containers({ hub });

export function useContainers(): ContainersState {
  return useStore(containers.store);
}
