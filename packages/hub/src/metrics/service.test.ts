import type { HostMetrics } from "@fairlead/protocol";
import { type FleetMetrics, FleetMetricsSchema, MetricsSeriesSchema } from "@fairlead/protocol/rest";
import { Compile } from "typebox/compile";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ChangeFeed } from "../changes/change-feed.ts";
import { ChangeStore } from "../changes/change-store.ts";
import { silentLog as log } from "../database/database-fixture.ts";
import { type AppFixture, appFixture } from "../http/app-fixture.ts";
import { metricsRoutes } from "./routes.ts";
import { MetricsService } from "./service.ts";
import { MetricsStore } from "./store.ts";

const START = Date.UTC(2026, 0, 2) / 1000;
const DAY = 24 * 3600;
let now: number;
let fixture: AppFixture;
let feed: ChangeFeed;
let metrics: MetricsService;

beforeEach(async () => {
  now = START;
  fixture = await appFixture((app, { db, authorization, environments }) => {
    feed = new ChangeFeed({ store: new ChangeStore(db), log });
    metrics = new MetricsService({ store: new MetricsStore(db, feed), log, now: () => now * 1000 });
    metricsRoutes(app, { metrics, authorization, environments, now: () => now * 1000 });
  });
  await feed.start();
  await fixture.environments.create({ name: "host" });
});

afterEach(async () => {
  await metrics.stop();
  await feed.stop();
  await fixture.stop();
});

const rollups = async (): Promise<unknown[]> => {
  await metrics.flush();
  const rows = await fixture.db
    .selectFrom("metrics_rollups")
    .selectAll()
    .orderBy("environment_id")
    .orderBy("at")
    .execute();
  return rows.map((row) => [row.environment_id, row.at - START, row.samples, JSON.parse(row.metrics) as HostMetrics]);
};

describe("MetricsService", () => {
  it("stores a sample of a time once, and tells readers of each", async () => {
    for (const at of [-60, -30, -60, 0]) metrics.ingest(1, START + at, { cpuUsage: -at });
    metrics.ingest(2, START, { cpuUsage: 5 });
    await metrics.flush();
    metrics.ingest(1, START - 30, { cpuUsage: 99 });
    await metrics.flush();
    expect(metrics.stats).toEqual({ stored: 4, duplicates: 2, shifted: 0, dropped: 0, queued: 0 });
    await feed.flush();
    const changes = await feed.read(0);
    expect(changes).toHaveLength(4);
    expect(changes !== "gone" && changes.map(({ topic, body }) => [topic, JSON.parse(body) as unknown])).toContainEqual(
      ["metrics", { environmentId: 2, at: START, metrics: { cpuUsage: 5 } }],
    );
  });

  it("keeps rollups right with every sample, late ones included", async () => {
    now = START + 900;
    for (const at of [0, 30, 60, 300, 330]) metrics.ingest(1, START + at, { cpuUsage: at });
    metrics.ingest(2, START, { memoryUsed: 7 });
    expect(await rollups()).toEqual([
      [1, 0, 3, { cpuUsage: 30 }],
      [1, 300, 2, { cpuUsage: 315 }],
      [2, 0, 1, { memoryUsed: 7 }],
    ]);
    metrics.ingest(1, START + 90, { cpuUsage: 10, diskFree: 4 });
    metrics.ingest(1, START - 1, { cpuUsage: 1 });
    metrics.ingest(1, START + 60, { cpuUsage: 1000 });
    expect(await rollups()).toEqual([
      [1, -300, 1, { cpuUsage: 1 }],
      [1, 0, 4, { cpuUsage: 25, diskFree: 4 }],
      [1, 300, 2, { cpuUsage: 315 }],
      [2, 0, 1, { memoryUsed: 7 }],
    ]);
  });

  it("keeps a day in full and 30 days of rollups; a sample that comes as late as it may finds its five minutes whole", async () => {
    now = START + 600;
    for (let at = 0; at < 600; at += 30) metrics.ingest(1, START + at, { cpuUsage: 1 });
    await metrics.flush();
    now = START + 300 + DAY - 1;
    expect(await metrics.prune()).toBe(0);
    metrics.ingest(1, START + 301, { cpuUsage: 12 });
    expect((await rollups()).at(-1)).toEqual([1, 300, 11, { cpuUsage: 2 }]);
    now = START + DAY + 7200;
    expect(await metrics.prune()).toBe(21);
    expect(await rollups()).toHaveLength(2);
    now = START + 30 * DAY + 301;
    expect(await metrics.prune()).toBe(2);
  });

  it("stores a sample with an impossible time under the hub's, and counts it", async () => {
    metrics.ingest(1, 0, { cpuUsage: 3 });
    metrics.ingest(2, (START - 5) * 1000, { cpuUsage: 4 });
    await metrics.flush();
    expect(metrics.stats).toMatchObject({ stored: 2, shifted: 1 });
    const range = { from: START - 60, to: START, resolution: "full" as const };
    expect((await metrics.series(1, range)).points).toEqual([{ at: START, metrics: { cpuUsage: 3 } }]);
    expect((await metrics.series(2, range)).points).toEqual([{ at: START - 5, metrics: { cpuUsage: 4 } }]);
  });

  it("takes in what 2,000 agents send at once", async () => {
    for (let id = 1; id <= 2_000; id += 1) metrics.ingest(id, START, { cpuUsage: id });
    await metrics.flush();
    expect(metrics.stats).toMatchObject({ stored: 2_000, dropped: 0 });
    expect(await rollups()).toHaveLength(2_000);
  });
});

describe("GET /api/v1/metrics", () => {
  const schema = Compile(FleetMetricsSchema);

  async function ask(query = ""): Promise<FleetMetrics["items"]> {
    const answer = await fixture.request({ url: `/api/v1/metrics${query}` });
    expect(answer.statusCode, answer.body).toBe(200);
    expect(schema.Check(answer.json())).toBe(true);
    return answer.json<FleetMetrics>().items;
  }

  beforeEach(async () => {
    await fixture.environments.create({ name: "other" });
  });

  it("gives the last hour of all environments in at most 60 points each, of full resolution", async () => {
    for (let at = -3600; at <= 0; at += 20) metrics.ingest(1, START + at, { cpuUsage: at, networkRxBytes: 5000 + at });
    metrics.ingest(2, START - 1, { memoryUsed: 7 });
    await metrics.flush();
    const [one, two] = await ask();
    expect(one?.environmentId).toBe(1);
    expect(one?.points).toHaveLength(60);
    expect(one?.points.slice(0, 2)).toEqual([
      { at: START - 3600, metrics: { cpuUsage: -3580, networkRxBytes: 1440 } },
      { at: START - 3540, metrics: { cpuUsage: -3520, networkRxBytes: 1500 } },
    ]);
    expect(two).toEqual({ environmentId: 2, points: [{ at: START - 60, metrics: { memoryUsed: 7 } }] });
  });

  it("leaves spans without figures out, and keeps environments without any", async () => {
    for (const at of [-600, -590, -10]) metrics.ingest(1, START + at, { cpuUsage: at });
    await metrics.flush();
    expect(await ask(`?since=${START - 600}&points=10`)).toEqual([
      {
        environmentId: 1,
        points: [
          { at: START - 600, metrics: { cpuUsage: -595 } },
          { at: START - 60, metrics: { cpuUsage: -10 } },
        ],
      },
      { environmentId: 2, points: [] },
    ]);
    expect(await ask("?environment=other,2")).toEqual([{ environmentId: 2, points: [] }]);
  });

  it("is made of 5-minute figures for older ranges and for longer spans, whatever their number", async () => {
    await fixture.db.transaction().execute(async (trx) => {
      for (let number = 0; number < 5_000; number += 1) {
        const row = {
          environment_id: 1,
          at: START - number * 300,
          samples: 10,
          metrics: JSON.stringify({ cpuUsage: number, uptime: -number }),
        };
        await trx.insertInto("metrics_rollups").values(row).execute();
      }
    });
    const [all] = await ask(`?since=${START - 20 * DAY}&points=1`);
    expect(all?.points).toEqual([{ at: START - 20 * DAY, metrics: { cpuUsage: 2500, uptime: -1 } }]);
    const [day] = await ask(`?since=${START - DAY}&points=24`);
    expect(day?.points).toHaveLength(24);
    // The one that began before reaches into the first span.
    const [old] = await ask(`?since=${START - 2 * DAY + 10}&until=${START - 2 * DAY + 20}`);
    expect(old?.points).toEqual([{ at: START - 2 * DAY + 10, metrics: { cpuUsage: 576, uptime: -576 } }]);
  });

  it.each([
    ["since=soon", "since"],
    [`since=${START}&until=${START - 1}`, "since"],
    ["points=0", "points"],
    ["points=501", "points"],
  ])("refuses %s", async (query, field) => {
    const answer = await fixture.request({ url: `/api/v1/metrics?${query}` });
    expect(answer.json()).toMatchObject({ code: "bad_request", details: { field } });
  });

  it("refuses an answer that would be too large", async () => {
    const ids = Array.from({ length: 301 }, (_, index) => index);
    await expect(metrics.fleet(ids, { from: START - 60, to: START, points: 500 })).rejects.toMatchObject({
      code: "bad_request",
      details: { field: "points" },
    });
  });
});

describe("GET /api/v1/environments/:env/metrics", () => {
  const schema = Compile(MetricsSeriesSchema);

  const ask = async (query = ""): Promise<Record<"resolution" | "points" | "gaps", unknown>> => {
    const answer = await fixture.request({ url: `/api/v1/environments/host/metrics${query}` });
    expect(answer.statusCode, answer.body).toBe(200);
    expect(schema.Check(answer.json())).toBe(true);
    return answer.json();
  };

  it("gives the last hour in full, with gaps", async () => {
    for (let at = -3600; at <= -1800; at += 30) metrics.ingest(1, START + at, { cpuUsage: 1 });
    for (let at = -900; at <= 0; at += 30) metrics.ingest(1, START + at, { cpuUsage: 2 });
    await metrics.flush();
    const { resolution, points, gaps } = await ask();
    expect(resolution).toBe("full");
    expect(points).toHaveLength(61 + 31);
    expect(gaps).toEqual([{ from: START - 1800, to: START - 900 }]);
  });

  it("gives 5-minute figures for longer ranges, or when asked to", async () => {
    for (let at = -600; at < 0; at += 30) metrics.ingest(1, START + at, { cpuUsage: at });
    await metrics.flush();
    const long = await ask(`?since=${START - 3 * DAY}`);
    expect(long).toMatchObject({ resolution: "5m", points: [{ at: START - 600 }, { at: START - 300 }] });
    expect(long.gaps).toEqual([{ from: START - 3 * DAY, to: START - 600 }]);
    const asked = await ask(`?resolution=5m&since=${START - 599}&until=${START - 300}`);
    expect(asked.points).toMatchObject([{ at: START - 600 }, { at: START - 300 }]);
    expect((await ask(`?since=${START - DAY - 60}`)).resolution).toBe("full");
    expect((await ask(`?resolution=full&since=${START - 3 * DAY}`)).resolution).toBe("full");
  });

  it("refuses more samples than a page can hold, and gives 5-minute figures where it may choose", async () => {
    await fixture.db.transaction().execute(async (trx) => {
      for (let at = START - 21_000; at < START; at += 1) {
        await trx.insertInto("metrics").values({ environment_id: 1, at, metrics: "{}" }).execute();
      }
    });
    const full = await fixture.request({
      url: `/api/v1/environments/host/metrics?resolution=full&since=${START - DAY}`,
    });
    expect(full.json()).toMatchObject({ code: "bad_request", details: { field: "since" } });
    expect((await ask(`?since=${START - DAY}`)).resolution).toBe("5m");
  });

  it("is one gap for a host without figures, and none beyond now", async () => {
    const { points, gaps } = await ask(`?since=${START - 3600}&until=${START + 3600}`);
    expect(points).toEqual([]);
    expect(gaps).toEqual([{ from: START - 3600, to: START }]);
  });

  it.each([
    ["since=soon", "since"],
    [`since=${START}&until=${START - 1}`, "since"],
    ["resolution=1h", "resolution"],
  ])("refuses %s", async (query, field) => {
    const answer = await fixture.request({ url: `/api/v1/environments/host/metrics?${query}` });
    expect(answer.json()).toMatchObject({ code: "bad_request", details: { field } });
  });
});
