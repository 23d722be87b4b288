import type { EventItem } from "@fairlead/protocol/rest";
import { describe, expect, it } from "vitest";
import { AFTERWARDS, eventAt, eventFixture } from "./event-fixture.ts";

const now = (): number => AFTERWARDS;

describe("EventService", () => {
  it("stores each event once, whoever sends it twice, in one batch or in several", async () => {
    await using fixture = await eventFixture({ now });
    const { events } = fixture;
    for (const second of [1, 2, 1, 3]) events.ingest(1, eventAt(second));
    events.ingest(2, eventAt(1));
    await events.flush();
    for (const second of [3, 2, 4]) events.ingest(1, { ...eventAt(second), actorAttributes: { from: "replay" } });
    expect(await fixture.stored(1)).toEqual(["start c1", "start c2", "start c3", "start c4"]);
    expect(await fixture.stored(2)).toEqual(["start c1"]);
    expect(events.stats).toMatchObject({ stored: 5, duplicates: 3, dropped: 0, queued: 0 });
  });

  it("orders by time for questions and by storing for the stream, whenever an event arrives", async () => {
    await using fixture = await eventFixture({ now });
    const { events, feed } = fixture;
    for (const second of [10, 20, 5, 15]) events.ingest(1, eventAt(second));
    expect(await fixture.stored(1)).toEqual(["start c5", "start c10", "start c15", "start c20"]);
    await feed.flush();
    const changes = await feed.read(0);
    if (changes === "gone") throw new Error("gone");
    const items = changes.map(({ body }) => JSON.parse(body) as EventItem);
    expect(items.map((item) => item.kind === "event" && item.event.containerId)).toEqual(["c10", "c20", "c5", "c15"]);
    expect(items.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
  });

  it("pages through time order both ways, also over events of the same moment and late arrivals", async () => {
    await using fixture = await eventFixture({ now });
    const { events } = fixture;
    for (let second = 40; second > 0; second -= 1)
      events.ingest(1, eventAt(Math.ceil(second / 4), "start", `c${second}`));
    await events.flush();
    for (const order of ["asc", "desc"] as const) {
      const seen: EventItem[] = [];
      for (let after: number | null | undefined; after !== null;) {
        const page = await events.page({ order, limit: 7, ...(after === undefined ? {} : { after }) });
        expect(page.items.length).toBeLessThanOrEqual(7);
        seen.push(...page.items);
        after = page.next;
      }
      expect(new Set(seen.map(({ id }) => id)).size).toBe(40);
      const times = seen.map((item) => (item.kind === "event" ? item.event.timestamp : ""));
      const sorted = times.toSorted();
      expect(times).toEqual(order === "asc" ? sorted : sorted.reverse());
    }
  });

  it("goes on by id after an item that is no longer kept", async () => {
    await using fixture = await eventFixture({ now });
    for (const second of [1, 2, 3]) fixture.events.ingest(1, eventAt(second));
    await fixture.events.flush();
    await fixture.database.db.deleteFrom("container_events").where("id", "=", 2).execute();
    const page = await fixture.events.page({ order: "asc", limit: 10, after: 2 });
    expect(page.items.map(({ id }) => id)).toEqual([3]);
  });

  it("filters by time, environment, container and action; gaps are always in", async () => {
    await using fixture = await eventFixture({ now });
    const { events } = fixture;
    events.ingest(1, eventAt(1, "create", "abc"));
    events.ingest(1, eventAt(2, "start", "abc"));
    events.ingest(1, eventAt(3, "start", "abd"));
    events.ingest(2, eventAt(4, "start", "abc"));
    const gapTo = Date.parse("2026-01-01T00:00:05Z");
    events.gap(1, { from: gapTo - 1000, to: gapTo, reason: "away" });
    events.gap(2, { from: null, to: gapTo + 1000, reason: "unknown" });
    await events.flush();
    const ask = async (selection: object): Promise<number[]> =>
      (await events.page({ order: "asc", limit: 100, ...selection })).items.map(({ id }) => id);
    expect(await ask({})).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await ask({ environments: [1] })).toEqual([1, 2, 3, 5]);
    expect(await ask({ container: "ab", environments: [1] })).toEqual([1, 2, 3, 5]);
    expect(await ask({ container: "abc", environments: [1] })).toEqual([1, 2, 5]);
    expect(await ask({ container: "name-abd", environments: [1] })).toEqual([3, 5]);
    expect(await ask({ container: "%", environments: [1] })).toEqual([5]);
    expect(await ask({ actions: ["create", "stop"], environments: [1] })).toEqual([1, 5]);
    const since = Date.parse("2026-01-01T00:00:02Z");
    expect(await ask({ since, until: since + 2000 })).toEqual([2, 3]);
    const [gap] = (await events.page({ order: "desc", limit: 1, environments: [2] })).items;
    expect(gap).toEqual({
      id: 6,
      kind: "gap",
      environmentId: 2,
      from: null,
      to: "2026-01-01T00:00:06.000Z",
      reason: "unknown",
    });
  });

  it("marks what it had to drop as a gap, with its number and time", async () => {
    await using fixture = await eventFixture({ now, capacity: 5 });
    const { events } = fixture;
    for (let second = 1; second <= 9; second += 1) events.ingest(1, eventAt(second));
    events.ingest(2, eventAt(20));
    await events.flush();
    expect(events.stats).toMatchObject({ stored: 5, dropped: 5, gaps: 2 });
    const gaps = (await events.page({ order: "asc", limit: 100 })).items.filter(({ kind }) => kind === "gap");
    expect(gaps).toMatchObject([
      { environmentId: 1, from: "2026-01-01T00:00:06.000Z", to: "2026-01-01T00:00:09.000Z" },
      { environmentId: 2, from: "2026-01-01T00:00:20.000Z", to: "2026-01-01T00:00:20.000Z" },
    ]);
    events.ingest(1, eventAt(30));
    await events.flush();
    expect(events.stats).toMatchObject({ stored: 6, gaps: 2 });
  });

  it("deletes what is over its retention and takes no event that would be", async () => {
    let time = AFTERWARDS;
    const retentionMs = AFTERWARDS - Date.parse("2026-01-01T00:10:00Z");
    await using fixture = await eventFixture({ now: () => time, retentionMs });
    const { events } = fixture;
    for (let second = 599; second < 2_000; second += 1) events.ingest(1, eventAt(second));
    await events.flush();
    expect(events.stats).toMatchObject({ stored: 1_400, expired: 1 });
    expect(await events.prune()).toBe(0);
    time += 1_300_000;
    expect(await events.prune()).toBe(1_300);
    expect(await fixture.stored(1)).toHaveLength(100);
  });

  it("knows what came last, and that nothing is known after a gap", async () => {
    await using fixture = await eventFixture({ now });
    const { events } = fixture;
    expect(await events.latest(1)).toBeUndefined();
    events.ingest(1, eventAt(20));
    events.ingest(1, eventAt(10));
    expect(await events.latest(1)).toMatchObject({ containerId: "c20" });
    events.gap(1, { from: 0, to: AFTERWARDS, reason: "away" });
    expect(await events.latest(1)).toBeUndefined();
  });
});
