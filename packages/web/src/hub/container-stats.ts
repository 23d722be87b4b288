import type { ContainerRef, ContainerSample, ContainerStatsControl } from "@fairlead/protocol/rest";
import { useCallback, useSyncExternalStore } from "react";
import { hub } from "./client.ts";
import { containerKey } from "./containers.ts";
import { type Connection, connection } from "./live.ts";
import { Store, useStore } from "./store.ts";

/** Why there are no figures; null while there are, or none are asked for. */
export type StatsProblem = { readonly message: string; readonly code?: string } | null;

/** What of a WebSocket is used. */
export type StatsSocket = EventTarget & Pick<WebSocket, "send" | "close">;

export interface ContainerStatsOptions {
  readonly open: () => StatsSocket;
  /** While the hub is away it is not dialled. */
  readonly connection: Store<Connection>;
}

/** As many as the hub takes of one page; more than can be seen at once. */
const MAX_WATCHED = 200;
/** Who scrolls passes by rows that need not be asked for. */
const SETTLE_MS = 300;
/** Who scrolls on and on sees figures nevertheless. */
const MAX_SETTLE_MS = 1_500;
/** Rows that go and come again within this (another page, another order) keep the socket. */
const LINGER_MS = 5_000;
/** The hub stops watching a container that has stopped; one that was started again meanwhile is asked for again. */
const GONE_AGAIN_MS = 5_000;
/** First pause before another dial; it doubles up to the last. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;
/** A sample comes every 3 s: one that is this old is not what the container uses now. */
const MAX_AGE_MS = 15_000;

interface Watched extends ContainerRef {
  readonly listeners: Set<() => void>;
  sample: ContainerSample | undefined;
  expiry: ReturnType<typeof setTimeout> | undefined;
}

/** Live figures of the containers that somebody looks at, over one WebSocket for the whole page. */
export class ContainerStats {
  readonly problem = new Store<StatsProblem>(null);
  readonly #options: ContainerStatsOptions;
  /** Bounded by what is mounted; the hub is asked for {@link MAX_WATCHED} of them, those that came last. */
  readonly #watched = new Map<string, Watched>();
  readonly #refused = new Set<string>();
  #socket: StatsSocket | undefined;
  #isOpen = false;
  /** What the hub was last told to watch. */
  #told = "";
  #retryMs = FIRST_RETRY_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Since when something is not told yet; Unix milliseconds. */
  #changedAt: number | undefined;
  #redial: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ContainerStatsOptions) {
    this.#options = options;
    options.connection.subscribe(() => {
      if (options.connection.value.state !== "live") return;
      this.#retryMs = FIRST_RETRY_MS;
      this.#dial();
    });
  }

  sample(key: string): ContainerSample | undefined {
    return this.#watched.get(key)?.sample;
  }

  /** Asks for a container's figures until the answer is called; `listener` is told of each. */
  watch({ environmentId, id }: ContainerRef, listener: () => void): () => void {
    const key = containerKey(environmentId, id);
    const watched = this.#watched.get(key) ?? {
      environmentId,
      id,
      listeners: new Set(),
      sample: undefined,
      expiry: undefined,
    };
    this.#watched.set(key, watched);
    watched.listeners.add(listener);
    this.#changed();
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size > 0 || this.#watched.get(key) !== watched) return;
      clearTimeout(watched.expiry);
      this.#watched.delete(key);
      this.#refused.delete(key);
      this.#changed();
    };
  }

  #changed(): void {
    clearTimeout(this.#timer);
    const now = Date.now();
    this.#changedAt ??= now;
    const restMs = Math.max(0, this.#changedAt + MAX_SETTLE_MS - now);
    this.#timer = setTimeout(() => this.#settle(), this.#watched.size === 0 ? LINGER_MS : Math.min(SETTLE_MS, restMs));
  }

  #settle(): void {
    this.#changedAt = undefined;
    if (this.#watched.size > 0) {
      if (this.#isOpen) this.#tell();
      else this.#dial();
      return;
    }
    clearTimeout(this.#redial);
    clearTimeout(this.#again);
    this.#redial = undefined;
    this.#again = undefined;
    this.#leave();
    this.problem.set(null);
  }

  #dial(): void {
    if (this.#socket || this.#watched.size === 0 || this.#options.connection.value.state !== "live") return;
    clearTimeout(this.#redial);
    this.#redial = undefined;
    const socket = this.#options.open();
    this.#socket = socket;
    // What comes of a socket that was left is no news.
    const isCurrent = (): boolean => this.#socket === socket;
    socket.addEventListener("open", () => {
      if (!isCurrent()) return;
      this.#isOpen = true;
      this.#tell();
    });
    socket.addEventListener("message", (event) => {
      if (isCurrent()) this.#hear(JSON.parse(String((event as MessageEvent).data)) as ContainerStatsControl);
    });
    socket.addEventListener("close", () => {
      if (isCurrent()) this.#broke();
    });
  }

  #broke(): void {
    this.#leave();
    for (const watched of this.#watched.values()) this.#set(watched, undefined);
    if (this.#watched.size === 0) return;
    if (this.problem.value === null) this.problem.set({ message: "The hub does not send figures of containers." });
    this.#redial = setTimeout(() => this.#dial(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  #leave(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#isOpen = false;
    this.#told = "";
    this.#refused.clear();
    socket?.close();
  }

  #tell(): void {
    const wanted = [...this.#watched].filter(([key]) => !this.#refused.has(key)).slice(-MAX_WATCHED);
    const containers = wanted.map(([, { environmentId, id }]) => ({ environmentId, id }));
    const text = JSON.stringify({ type: "watch", containers });
    if (text === this.#told) return;
    this.#told = text;
    this.#socket?.send(text);
  }

  #hear(told: ContainerStatsControl): void {
    switch (told.type) {
      case "samples":
        this.#retryMs = FIRST_RETRY_MS;
        this.problem.set(null);
        for (const sample of told.samples) {
          const watched = this.#of(sample);
          if (watched) this.#set(watched, sample);
        }
        break;
      case "refused":
        for (const ref of told.containers) this.#refused.add(containerKey(ref.environmentId, ref.id));
        this.#clear(told.containers);
        break;
      case "gone":
        this.#clear(told.containers);
        this.#again ??= setTimeout(() => {
          this.#again = undefined;
          this.#told = "";
          if (this.#isOpen) this.#tell();
        }, GONE_AGAIN_MS);
        break;
      case "error":
        this.problem.set({ message: told.message, code: told.code });
        break;
    }
  }

  #of({ environmentId, id }: ContainerRef): Watched | undefined {
    return this.#watched.get(containerKey(environmentId, id));
  }

  #clear(containers: readonly ContainerRef[]): void {
    for (const ref of containers) {
      const watched = this.#of(ref);
      if (watched) this.#set(watched, undefined);
    }
  }

  #set(watched: Watched, sample: ContainerSample | undefined): void {
    clearTimeout(watched.expiry);
    if (sample) watched.expiry = setTimeout(() => this.#set(watched, undefined), MAX_AGE_MS);
    if (sample === watched.sample) return;
    watched.sample = sample;
    for (const tell of watched.listeners) tell();
  }
}

const containerStats = new ContainerStats({ open: () => new WebSocket(hub.containerStatsUrl()), connection });

/**
 * The newest figures of one container, which is watched as long as the component is there; renders again only with them.
 * Undefined until the first comes, and of a container that does not run. `containerId`: undefined asks for nothing.
 */
export function useContainerSample(
  environmentId: number,
  containerId: string | undefined,
): ContainerSample | undefined {
  const subscribe = useCallback(
    (listener: () => void) =>
      containerId === undefined ? () => {} : containerStats.watch({ environmentId, id: containerId }, listener),
    [environmentId, containerId],
  );
  const snapshot = (): ContainerSample | undefined =>
    containerId === undefined ? undefined : containerStats.sample(containerKey(environmentId, containerId));
  return useSyncExternalStore(subscribe, snapshot);
}

/** Why figures do not come. */
export function useStatsProblem(): StatsProblem {
  return useStore(containerStats.problem);
}
