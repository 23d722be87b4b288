import type { Environment } from "@fairlead/protocol/rest";
import { isFairleadError } from "@fairlead/protocol";
import { useCallback } from "react";
import { hub } from "./client.ts";
import { containers } from "./containers.ts";
import { Store, useStore } from "./store.ts";

export interface EnvironmentsState {
  readonly loaded: boolean;
  readonly error: Error | null;
  /** By name. */
  readonly list: readonly Environment[];
  readonly byId: ReadonlyMap<number, Environment>;
}

const NONE: EnvironmentsState = { loaded: false, error: null, list: [], byId: new Map() };

/** A list that failed is asked for again by itself. */
const RETRY_MS = 5_000;

/** Changes that follow close on another are shown together: with every event of a host its counts change, hundreds of times a second in a fleet. */
const PUBLISH_MS = 100;

const { compare } = new Intl.Collator("en", { numeric: true });

export interface EnvironmentsOptions {
  readonly hub: { listEnvironments(): Promise<Environment[]> };
  readonly containers: Pick<typeof containers, "environmentChanged" | "forget">;
}

/** All environments that the person may see, kept as the stream tells. */
export class Environments {
  readonly store = new Store(NONE);
  readonly #options: EnvironmentsOptions;
  /** As last told; shown at once or a moment later. */
  #byId = new Map<number, Environment>();
  /** Told while the list was being read: newer than what it says. */
  #since = new Map<number, Environment | null>();
  #retrying: ReturnType<typeof setTimeout> | undefined;
  #publishing: ReturnType<typeof setTimeout> | undefined;
  #publishedAt = Number.NEGATIVE_INFINITY;

  constructor(options: EnvironmentsOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    this.#since = new Map();
    try {
      const list = await this.#options.hub.listEnvironments();
      this.#byId = new Map(list.map((environment) => [environment.id, environment]));
      for (const [id, environment] of this.#since) {
        if (environment === null) this.#byId.delete(id);
        else this.#byId.set(id, environment);
      }
      this.#publishNow();
    } catch (error) {
      clearTimeout(this.#retrying);
      if (!isFairleadError(error) || error.retryable) this.#retrying = setTimeout(() => void this.load(), RETRY_MS);
      this.store.set({ ...this.store.value, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  apply(change: Environment | { readonly id: number; readonly removed: true }): void {
    const removed = "removed" in change;
    this.#since.set(change.id, removed ? null : change);
    if (!this.store.value.loaded) return;
    const before = this.#byId.get(change.id);
    if (removed) this.#byId.delete(change.id);
    else this.#byId.set(change.id, change);
    // Addresses hold names: who has given another goes there at once.
    if (before?.name !== (removed ? undefined : change.name)) this.#publishNow();
    else this.#publishSoon();
    if (removed) this.#options.containers.forget(change.id);
    else this.#options.containers.environmentChanged(change, before);
  }

  #publishSoon(): void {
    const waitMs = this.#publishedAt + PUBLISH_MS - performance.now();
    if (waitMs <= 0) this.#publishNow();
    else this.#publishing ??= setTimeout(() => this.#publishNow(), waitMs);
  }

  #publishNow(): void {
    clearTimeout(this.#publishing);
    this.#publishing = undefined;
    this.#publishedAt = performance.now();
    const byId = new Map(this.#byId);
    this.store.set({ loaded: true, error: null, list: this.#ordered(byId), byId });
  }

  /** Sorted anew only when there are others, or other names. */
  #ordered(byId: ReadonlyMap<number, Environment>): readonly Environment[] {
    const before = this.store.value.list;
    const isAsBefore = before.length === byId.size && before.every(({ id, name }) => byId.get(id)?.name === name);
    if (isAsBefore) return before.flatMap(({ id }) => byId.get(id) ?? []);
    return [...byId.values()].sort((a, b) => compare(a.name, b.name));
  }
}

export const environments = new Environments({ hub, containers });

export function useEnvironments(): EnvironmentsState {
  return useStore(environments.store);
}

/** By name or id, as it stands in an address. */
export function findEnvironment(state: EnvironmentsState, ref: string | number): Environment | undefined {
  return typeof ref === "number" || /^\d+$/.test(ref)
    ? state.byId.get(Number(ref))
    : state.list.find(({ name }) => name === ref);
}

/** Renders again only when this one changes. */
export function useEnvironment(ref: string | number): Environment | undefined {
  return useStore(
    environments.store,
    useCallback((state: EnvironmentsState) => findEnvironment(state, ref), [ref]),
  );
}
