/** For tests: a real event history. */
import type { ContainerEvent } from "@fairlead/protocol";
import { ChangeFeed } from "../changes/change-feed.ts";
import { ChangeStore } from "../changes/change-store.ts";
import { databaseFixture, type DatabaseFixture, silentLog as log } from "../database/database-fixture.ts";
import { EventService, type EventServiceOptions } from "./service.ts";
import { EventStore } from "./store.ts";

export interface EventFixture extends AsyncDisposable {
  readonly database: DatabaseFixture;
  readonly feed: ChangeFeed;
  readonly events: EventService;
  /** What is stored of an environment, in time order: `action container`, or `gap`. */
  stored(environmentId: number): Promise<string[]>;
}

export async function eventFixture(options: Partial<EventServiceOptions> = {}): Promise<EventFixture> {
  const database = await databaseFixture();
  const feed = new ChangeFeed({ store: new ChangeStore(database.db), log });
  await feed.start();
  const events = new EventService({ store: new EventStore(database.db, feed), log, ...options });
  return {
    database,
    feed,
    events,
    stored: async (environmentId) => {
      await events.flush();
      const { items } = await events.page({ environments: [environmentId], order: "asc", limit: 1000 });
      return items.map((item) => (item.kind === "gap" ? "gap" : `${item.event.action} ${item.event.containerId}`));
    },
    [Symbol.asyncDispose]: async () => {
      await events.stop();
      await feed.stop();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** An event at a time of its own: `second` seconds after midnight of 2026-01-01, and some nanoseconds. */
export function eventAt(second: number, action = "start", containerId = `c${second}`): ContainerEvent {
  const time = new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString().slice(0, -5);
  return { containerId, containerName: `name-${containerId}`, action, timestamp: `${time}.000000123Z` };
}

/** Unix milliseconds of an hour after those events. */
export const AFTERWARDS = Date.UTC(2026, 0, 1, 12);
