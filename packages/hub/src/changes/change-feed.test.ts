import { describe, expect, it } from "vitest";
import { databaseFixture, silentLog as log } from "../database/database-fixture.ts";
import type { Database } from "../database/schema.ts";
import { ChangeFeed, type ChangeFeedOptions } from "./change-feed.ts";
import { ChangeStore } from "./change-store.ts";

async function startFeed(db: Database, options: Partial<ChangeFeedOptions> = {}): Promise<ChangeFeed> {
  const feed = new ChangeFeed({ store: new ChangeStore(db), log, ...options });
  await feed.start();
  return feed;
}

/** All that can be read after a position. */
async function readAll(feed: ChangeFeed, position: number): Promise<number[] | "gone"> {
  const ids: number[] = [];
  for (;;) {
    const rows = await feed.read(ids.at(-1) ?? position);
    if (rows === "gone") return "gone";
    if (rows.length === 0) return ids;
    ids.push(...rows.map(({ id }) => id));
  }
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("ChangeFeed", () => {
  it("keeps changes in the order of publishing and gives them after any position", async () => {
    await using database = await databaseFixture();
    const feed = await startFeed(database.db);
    for (let number = 1; number <= 450; number += 1) feed.publish("event", 7, { number });
    await feed.flush();
    expect(feed.newest).toBe(450);
    expect(await readAll(feed, 0)).toEqual(numbers(1, 450));
    expect(await readAll(feed, 448)).toEqual([449, 450]);
    const rows = await feed.read(449);
    expect(rows).toMatchObject([{ id: 450, topic: "event", environment_id: 7, body: '{"number":450}' }]);
    await feed.stop();
  });

  it("goes on with greater ids after a restart, and reads what an earlier life wrote", async () => {
    await using database = await databaseFixture();
    const first = await startFeed(database.db);
    first.publish("environment", 1, { a: 1 });
    await first.stop();
    const second = await startFeed(database.db);
    expect(second.newest).toBe(1);
    second.publish("environment", 1, { a: 2 });
    await second.flush();
    expect(await readAll(second, 0)).toEqual([1, 2]);
    await second.stop();
  });

  it("says gone for positions that are not kept, or that never were", async () => {
    await using database = await databaseFixture();
    const feed = await startFeed(database.db, { maxRows: 100 });
    for (let number = 1; number <= 1_500; number += 1) feed.publish("event", 1, number);
    await feed.flush();
    expect(await feed.prune()).toBe(1_400);
    expect(await readAll(feed, 1_400)).toEqual(numbers(1_401, 1_500));
    const again = await startFeed(database.db);
    expect(await again.read(1_399)).toBe("gone");
    expect(await again.read(0)).toBe("gone");
    expect(await again.read(1_501)).toBe("gone");
    expect(await again.read(Number.POSITIVE_INFINITY)).toBe("gone");
    expect(await again.read(1_500)).toEqual([]);
    await feed.stop();
    await again.stop();
  });

  it("prunes by age and keeps the newest row, so that ids and positions go on", async () => {
    await using database = await databaseFixture();
    let now = 1_000_000;
    const feed = await startFeed(database.db, { now: () => now, maxAgeMs: 1_000 });
    for (let number = 1; number <= 10; number += 1) feed.publish("event", 1, number);
    await feed.flush();
    now += 5_000;
    expect(await feed.prune()).toBe(9);
    await feed.stop();
    const again = await startFeed(database.db, { now: () => now, maxAgeMs: 1_000 });
    expect(again.newest).toBe(10);
    expect(await again.read(10)).toEqual([]);
    again.publish("event", 1, 11);
    await again.flush();
    expect(await readAll(again, 10)).toEqual([11]);
    await again.stop();
  });

  it("wakes who waits, and ends the wait by time and by signal", async () => {
    await using database = await databaseFixture();
    const feed = await startFeed(database.db);
    const { signal } = new AbortController();
    const woken = feed.changed(0, 60_000, signal);
    feed.publish("event", 1, 1);
    expect(await woken).toBe(true);
    expect(await feed.changed(0, 60_000, signal)).toBe(true);
    expect(await feed.changed(1, 1, signal)).toBe(false);
    const stop = new AbortController();
    const aborted = feed.changed(1, 60_000, stop.signal);
    stop.abort();
    expect(await aborted).toBe(false);
    await feed.stop();
  });

  it("after changes were dropped nothing before them is kept: readers get to know that they missed something", async () => {
    await using database = await databaseFixture();
    const feed = await startFeed(database.db, { capacity: 50 });
    for (let number = 1; number <= 20; number += 1) feed.publish("event", 1, number);
    await feed.flush();
    for (let number = 21; number <= 200; number += 1) feed.publish("event", 1, number);
    await feed.flush();
    expect(feed.stats.dropped).toBe(130);
    expect(await feed.read(20)).toBe("gone");
    expect(await feed.read(feed.newest)).toEqual([]);
    feed.publish("event", 1, "later");
    await feed.flush();
    expect(await feed.read(feed.newest - 1)).toHaveLength(1);
    await feed.stop();
  });

  it("reads changes that were written in the transaction of another store", async () => {
    await using database = await databaseFixture();
    const feed = await startFeed(database.db);
    await database.db.transaction().execute(async (trx) => {
      await feed.append([{ topic: "event", environment_id: 3, at: 5, body: "{}" }], trx);
    });
    feed.announce();
    await feed.flush();
    expect(await feed.read(0)).toMatchObject([{ id: 1, environment_id: 3 }]);
    await feed.stop();
  });
});
