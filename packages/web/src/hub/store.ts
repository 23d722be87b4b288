import { useCallback, useSyncExternalStore } from "react";

/** A value that changes outside of React, and who is told of it. */
export class Store<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

/** What `select` takes from the store; the component renders again when that is another one (`Object.is`). */
export function useStore<T, S = T>(store: Store<T>, select: (value: T) => S = (value) => value as unknown as S): S {
  const snapshot = useCallback(() => select(store.value), [store, select]);
  return useSyncExternalStore(store.subscribe, snapshot);
}
