import type { ContainerSummary, EnvironmentContainers, EventItem } from "@fairlead/protocol/rest";
import { hub } from "./client.ts";
import { applyAction } from "./container-action.ts";
import { Store, useStore } from "./store.ts";

/** A container with its host. The same object as long as nothing of it changed. */
export interface ContainerRow {
  /** Unique over all hosts. */
  readonly key: string;
  readonly environmentId: number;
  readonly environmentName: string;
  /** Without the slash that Docker puts before it. */
  readonly name: string;
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
  readonly ages: ReadonlyMap<number, ListAge>;
}

interface HostList {
  readonly age: ListAge;
  readonly rows: Map<string, ContainerRow>;
}

/** Changes within a moment are shown together: a fleet can tell hundreds of events a second. */
const PUBLISH_MS = 150;
/** A host whose events tell of new containers is asked for its list, but not more often than this. */
const REFRESH_MS = 2_000;

export function containerKey(environmentId: number, containerId: string): string {
  return `${environmentId}/${containerId}`;
}

/** All containers of all hosts, kept by their events; the list of a host is read again where an event does not tell enough. */
class Containers {
  readonly store = new Store<ContainersState>({ loaded: false, error: null, rows: [], ages: new Map() });
  readonly #hosts = new Map<number, HostList>();
  #publishing: ReturnType<typeof setTimeout> | undefined;
  readonly #refreshing = new Map<number, ReturnType<typeof setTimeout>>();

  async load(): Promise<void> {
    try {
      const lists = await hub.listContainers();
      this.#hosts.clear();
      for (const list of lists) this.#take(list);
      this.#publishNow(true);
    } catch (error) {
      this.store.set({ ...this.store.value, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  refreshAll(): void {
    void this.load();
  }

  /** Reads the list of one host soon. */
  refresh(environmentId: number, afterMs = 200): void {
    if (!this.store.value.loaded || this.#refreshing.has(environmentId)) return;
    const timer = setTimeout(() => void this.#refreshNow(environmentId), afterMs);
    this.#refreshing.set(environmentId, timer);
  }

  async #refreshNow(environmentId: number): Promise<void> {
    try {
      this.#take(await hub.environmentContainers(environmentId));
      this.#publish();
    } catch {
      // Not to be seen, or gone: what is shown stays, with its age.
    } finally {
      this.#refreshing.delete(environmentId);
    }
  }

  forget(environmentId: number): void {
    if (this.#hosts.delete(environmentId)) this.#publish();
  }

  applyEvent(item: EventItem): void {
    const host = this.#hosts.get(item.environmentId);
    if (item.kind === "gap") {
      this.refresh(item.environmentId);
      return;
    }
    const { containerId, action } = item.event;
    const row = host?.rows.get(containerId);
    if (host && row) {
      const container = applyAction(row.container, item.event);
      if (container === "gone") host.rows.delete(containerId);
      else if (container !== row.container) host.rows.set(containerId, this.#row(host.age, container));
      this.#publish();
    }
    // Names, ports and limits stand in the list alone.
    if (!row || /^(create|start|rename|update)/.test(action)) this.refresh(item.environmentId, REFRESH_MS);
  }

  #take({ environment, containers, live, at, error }: EnvironmentContainers): void {
    const before = this.#hosts.get(environment.id);
    const age: ListAge = { environmentId: environment.id, environmentName: environment.name, live, at, error };
    const rows = new Map<string, ContainerRow>();
    for (const container of containers) {
      const known = before?.rows.get(container.Id);
      rows.set(container.Id, known && isSame(known, environment.name, container) ? known : this.#row(age, container));
    }
    this.#hosts.set(environment.id, { age, rows });
  }

  #row({ environmentId, environmentName }: ListAge, container: ContainerSummary): ContainerRow {
    const name = (container.Names[0] ?? container.Id.slice(0, 12)).replace(/^\//, "");
    return { key: containerKey(environmentId, container.Id), environmentId, environmentName, name, container };
  }

  #publish(): void {
    this.#publishing ??= setTimeout(() => this.#publishNow(), PUBLISH_MS);
  }

  #publishNow(loaded = this.store.value.loaded): void {
    clearTimeout(this.#publishing);
    this.#publishing = undefined;
    const rows: ContainerRow[] = [];
    for (const { rows: of } of this.#hosts.values()) rows.push(...of.values());
    const ages = new Map([...this.#hosts].map(([id, { age }]) => [id, age]));
    this.store.set({ loaded, error: null, rows, ages });
  }
}

function isSame(row: ContainerRow, environmentName: string, container: ContainerSummary): boolean {
  return row.environmentName === environmentName && JSON.stringify(row.container) === JSON.stringify(container);
}

export const containers = new Containers();

export function useContainers(): ContainersState {
  return useStore(containers.store);
}
