import type { EventItem } from "@fairlead/protocol/rest";

/** Hands the stream's events on to whoever looks at them now. */
class EventFeed {
  readonly #listeners = new Set<(item: EventItem) => void>();

  apply(item: EventItem): void {
    for (const listener of this.#listeners) listener(item);
  }

  /** @returns what ends it. */
  listen(listener: (item: EventItem) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export const eventFeed = new EventFeed();
