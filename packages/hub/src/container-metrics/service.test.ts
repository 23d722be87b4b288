import type { ContainerFigures, ContainerSummary } from "@fairlead/protocol/rest";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type DatabaseFixture, databaseFixture, silentLog } from "../database/database-fixture.ts";
import { ContainerMetrics } from "./service.ts";
import { ContainerMetricsStore } from "./store.ts";

const HOUR = 1_769_860_800;
const DAY_S = 86_400;
const A = "a".repeat(64);
const B = "b".repeat(64);

let fixture: DatabaseFixture;
let environment: { id: number; name: string };
let now: number;
let known: ContainerSummary[];
let metrics: ContainerMetrics;

beforeEach(async () => {
  fixture = await databaseFixture();
  environment = { id: await addEnvironment("web"), name: "web" };
  [now, known] = [HOUR, []];
  metrics = start();
});
afterEach(async () => {
  await metrics.stop();
  await fixture[Symbol.asyncDispose]();
});

async function addEnvironment(name: string): Promise<number> {
  const values = { name, kind: "edge" as const, labels: "{}", created_at: 1 };
  const { insertId } = await fixture.db.insertInto("environments").values(values).executeTakeFirstOrThrow();
  return Number(insertId);
}

function start(): ContainerMetrics {
  return new ContainerMetrics({
    store: new ContainerMetricsStore(fixture.db),
    log: silentLog,
    lastKnown: () => Promise.resolve(known),
    intervalS: 60,
    rollupRetentionMs: 30 * DAY_S * 1000,
    now: () => now * 1000,
  });
}

function add(at: number, figures: ContainerFigures, id = A, name = "one", environmentId = environment.id): void {
  now = at;
  metrics.add({ environmentId, id, name }, figures);
}

/** A sample a minute whose counter is the number of the minute. */
function addMinutes(from: number, minutes: number, id = A, name = "one"): void {
  for (let minute = 0; minute < minutes; minute += 1) {
    add(from + 60 * minute, { cpuPercent: minute % 5, networkRxBytes: minute }, id, name);
  }
}

const series = (resolution: "auto" | "full" | "5m" = "auto", from = HOUR, idOrName = A) =>
  metrics.series(environment, idOrName, { from, to: now, resolution });

async function rows(): Promise<number[]> {
  const tables = ["metric_containers", "container_metrics", "container_metrics_rollups"] as const;
  const counts = [];
  for (const table of tables) counts.push((await fixture.db.selectFrom(table).selectAll().execute()).length);
  return counts;
}

test("samples are there at once, and stored by 5 minutes", async () => {
  addMinutes(HOUR, 7);
  const all = await series();
  expect(all).toMatchObject({ resolution: "full", gaps: [] });
  expect(all.points.map(({ at, metrics: { networkRxBytes } }) => [at, networkRxBytes])).toEqual(
    Array.from({ length: 7 }, (_, minute) => [HOUR + 60 * minute, minute]),
  );
  await metrics.flush();
  expect(metrics.stats).toEqual({ stored: 5, dropped: 0, queued: 0 });
  expect(await rows()).toEqual([1, 1, 0]);
  expect(await series()).toEqual(all);
  now = HOUR + 600;
  metrics.closeEnded();
  await metrics.flush();
  expect(await rows()).toEqual([1, 2, 0]);
  expect((await series()).points).toEqual(all.points);
});

test("a hub that is started anew goes on within the same 5 minutes", async () => {
  addMinutes(HOUR, 2);
  await metrics.stop();
  metrics = start();
  addMinutes(HOUR + 120, 2);
  await metrics.stop();
  metrics = start();
  expect((await series()).points.map(({ at }) => at - HOUR)).toEqual([0, 60, 120, 180]);
  expect(await rows()).toEqual([1, 1, 0]);
});

test("5-minute figures are the same before an hour is rolled up and after", async () => {
  addMinutes(HOUR, 75);
  await metrics.flush();
  const before = await series("5m");
  expect(before.resolution).toBe("5m");
  expect(before.points[1]).toEqual({ at: HOUR + 300, metrics: { cpuPercent: 2, networkRxBytes: 9 } });
  expect(before.points).toHaveLength(15);
  expect(await metrics.prune()).toBe(0);
  expect(await rows()).toEqual([1, 14, 1]);
  expect(await series("5m")).toEqual(before);
  // Again: nothing is rolled up twice.
  await metrics.prune();
  expect(await rows()).toEqual([1, 14, 1]);
});

test("in full for a day, in 5-minute figures for as long as is asked, then nothing", async () => {
  addMinutes(HOUR, 60);
  now = HOUR + 27 * 3600;
  metrics.closeEnded();
  await metrics.flush();
  await metrics.prune();
  expect(await rows()).toEqual([1, 0, 1]);
  expect((await series("full")).points).toEqual([]);
  const rolled = await series();
  expect(rolled.resolution).toBe("5m");
  expect(rolled.points).toHaveLength(12);
  expect(rolled.gaps).toEqual([{ from: HOUR + 3300, to: now }]);
  now = HOUR + 31 * DAY_S;
  await metrics.prune();
  expect(await rows()).toEqual([0, 0, 0]);
});

test("a container is found by its full id, or by the name that it has or had last", async () => {
  addMinutes(HOUR, 1, A, "web");
  addMinutes(HOUR + 60, 1, B, "web");
  now = HOUR + 600;
  metrics.closeEnded();
  await metrics.flush();
  expect((await series("full", HOUR, A)).points).toHaveLength(1);
  expect((await series("full", HOUR, "web")).points.map(({ at }) => at - HOUR)).toEqual([60]);
  // Its host says who has the name now.
  known = [{ Id: A, Names: ["/web"] } as ContainerSummary];
  expect((await series("full", HOUR, "web")).points.map(({ at }) => at - HOUR)).toEqual([0]);
  // One that is there and has no figures yet.
  known = [{ Id: "c".repeat(64), Names: ["/new"] } as ContainerSummary];
  expect((await series("full", HOUR, "new")).points).toEqual([]);
  for (const unknown of ["nosuch", A.slice(0, 12)]) {
    await expect(series("full", HOUR, unknown)).rejects.toMatchObject({ code: "not_found" });
  }
  await expect(
    metrics.series({ id: 99, name: "x" }, "one", { from: 0, to: now, resolution: "auto" }),
  ).rejects.toMatchObject({ code: "not_found" });
});

test("one that is renamed keeps its figures", async () => {
  addMinutes(HOUR, 2, A, "old");
  addMinutes(HOUR + 120, 2, A, "new");
  await metrics.stop();
  metrics = start();
  expect((await series("full", HOUR, "new")).points).toHaveLength(4);
  await expect(series("full", HOUR, "old")).rejects.toMatchObject({ code: "not_found" });
});

test("an environment that is removed takes its rows along, and no others", async () => {
  const other = await addEnvironment("other");
  addMinutes(HOUR, 70);
  add(HOUR + 4200, { pids: 1 }, B, "two", other);
  now = HOUR + 4800;
  metrics.closeEnded();
  await metrics.flush();
  await metrics.prune();
  expect(await rows()).toEqual([2, 15, 1]);
  add(now, { pids: 1 });
  await metrics.environmentRemoved(environment.id);
  expect(await rows()).toEqual([1, 1, 0]);
  // What was left behind by a hub that was killed.
  await fixture.db.deleteFrom("environments").where("id", "=", other).execute();
  await metrics.sweep();
  expect(await rows()).toEqual([0, 0, 0]);
});

test("a range that is empty or too long is refused", async () => {
  addMinutes(HOUR, 1);
  await metrics.stop();
  metrics = start();
  const range = { from: now + 1, to: now, resolution: "auto" } as const;
  await expect(metrics.series(environment, A, range)).rejects.toMatchObject({ details: { field: "since" } });
  now = HOUR + 3650 * DAY_S;
  expect((await series("auto", 0)).points).toEqual([]);
});
