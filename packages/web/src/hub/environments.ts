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

const byName = (a: Environment, b: Environment): number => a.name.localeCompare(b.name, "en", { numeric: true });

/** All environments that the person may see, kept as the stream tells. */
class Environments {
  readonly store = new Store(NONE);
  /** Told while the list was being read: newer than what it says. */
  #retrying: ReturnType<typeof setTimeout> | undefined;
  #since = new Map<number, Environment | null>();

  async load(): Promise<void> {
    this.#since = new Map();
    try {
      const list = await hub.listEnvironments();
      const byId = new Map(list.map((environment) => [environment.id, environment]));
      for (const [id, environment] of this.#since) {
        if (environment === null) byId.delete(id);
        else byId.set(id, environment);
      }
      this.#set(byId);
    } catch (error) {
      clearTimeout(this.#retrying);
      if (!isFairleadError(error) || error.retryable) this.#retrying = setTimeout(() => void this.load(), RETRY_MS);
      this.store.set({ ...this.store.value, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  apply(change: Environment | { readonly id: number; readonly removed: true }): void {
    const byId = new Map(this.store.value.byId);
    const removed = "removed" in change;
    this.#since.set(change.id, removed ? null : change);
    const before = byId.get(change.id);
    if (removed) byId.delete(change.id);
    else byId.set(change.id, change);
    if (!this.store.value.loaded) return;
    this.#set(byId);
    if (removed) containers.forget(change.id);
    else containers.environmentChanged(change, before);
  }

  #set(byId: ReadonlyMap<number, Environment>): void {
    this.store.set({ loaded: true, error: null, list: [...byId.values()].sort(byName), byId });
  }
}

export const environments = new Environments();

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
