import { createHash } from "node:crypto";
import type { AuditActor, AuditEntry } from "@fairlead/protocol/rest";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DatabaseFixture, databaseFixture, silentLog } from "../database/database-fixture.ts";
import { actorOf, type AuditRecord, NOBODY } from "./record.ts";
import { AuditLog } from "./service.ts";
import { AuditStore } from "./store.ts";

const ci: AuditActor = { kind: "token", id: "3", name: "ci", personId: null };
const DAY_MS = 24 * 3600_000;

let database: DatabaseFixture;
let audit: AuditLog;
let now: number;

beforeEach(async () => {
  database = await databaseFixture();
  now = Date.UTC(2026, 0, 31, 12);
  audit = new AuditLog({ store: new AuditStore(database.db), log: silentLog, now: () => now });
});
afterEach(async () => {
  await audit.stop();
  await database[Symbol.asyncDispose]();
});

function started(number: number): AuditRecord {
  return { actor: ci, action: "container.start", outcome: "done", target: `web-${number}`, status: 204 };
}

/** Entries 1 to `count`. */
async function fill(count: number): Promise<void> {
  for (let number = 1; number <= count; number += 1) audit.record(started(number));
  await audit.head();
}

async function all(): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for await (const entry of audit.export({})) entries.push(entry);
  return entries;
}

/** As somebody does who has the database file. */
async function tamper(statement: string): Promise<void> {
  await sql`DROP TRIGGER IF EXISTS audit_entries_never_change`.execute(database.db);
  await sql`DROP TRIGGER IF EXISTS audit_entries_stay`.execute(database.db);
  await sql.raw(statement).execute(database.db);
}

const problems = async () => (await audit.verify()).problems.map(({ kind, number }) => [kind, number]);

test("an entry is kept with all that it says", async () => {
  const record: AuditRecord = {
    actor: actorOf({ kind: "person", id: "u1", name: "ann@example.org", personId: "u1" }),
    action: "container.remove",
    outcome: "refused",
    door: "docker",
    at: now - 5,
    durationMs: 4.6,
    address: "192.0.2.7",
    environment: { id: 4, name: "web" },
    target: "box",
    method: "DELETE",
    path: "/containers/box?force=1",
    status: 403,
    code: "forbidden",
    requestId: "r-1",
    details: { bytesIn: 12, recording: true },
  };
  audit.record(record);
  const [entry] = await all();
  const { environment, actor, outcome, door, durationMs, details, at } = entry!;
  expect({ environment, actor, outcome, door, details }).toEqual({
    environment: record.environment,
    actor: record.actor,
    outcome: "refused",
    door: "docker",
    details: record.details,
  });
  expect([durationMs, at]).toEqual([5, "2026-01-31T11:59:59.995Z"]);
});

test("each hash is that of the one before and of the entry, as anybody can check", async () => {
  await fill(3);
  audit.record({ actor: NOBODY, action: "sign-in", outcome: "refused", target: 'ü "quoted" \\ 😀' });
  let previous = "0".repeat(64);
  const sorted = (value: unknown): unknown =>
    typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .toSorted(([a], [b]) => (a < b ? -1 : 1))
            .map(([k, v]) => [k, sorted(v)]),
        )
      : value;
  for (const { hash, previousHash, ...content } of await all()) {
    expect(previousHash).toBe(previous);
    const digest = createHash("sha256")
      .update(previous)
      .update(JSON.stringify(sorted(content)))
      .digest("hex");
    expect(hash).toBe(digest);
    previous = hash;
  }
  expect(await audit.head()).toEqual({ number: 4, hash: previous });
});

test("texts that a database or a terminal would not give back are cleaned before they are hashed", async () => {
  audit.record({
    ...started(1),
    target: "a\u0000b\u001b[2J\ud800c",
    path: `/${"x".repeat(5000)}`,
    details: { part: 1.5 },
  });
  const [entry] = await all();
  expect(entry?.target).toBe("a\ufffdb\ufffd[2J\ufffdc");
  expect(entry?.path).toHaveLength(1025);
  expect(await audit.verify()).toMatchObject({ intact: true, entries: 1 });
});

describe("tampering", () => {
  beforeEach(() => fill(6));

  test("an untouched log is intact", async () => {
    const head = await audit.head();
    expect(await audit.verify(head)).toEqual({
      intact: true,
      entries: 6,
      prunedThrough: null,
      head,
      problems: [],
      furtherProblems: 0,
    });
  });

  test.each([
    ["target", "'other'"],
    ["actor_name", "'somebody'"],
    ["at", "1"],
    ["outcome", "'failed'"],
    ["environment_id", "9"],
    ["details", "'{}}'"],
    ["status", "NULL"],
    ["hash", `'${"f".repeat(64)}'`],
  ])("an entry whose %s was changed is named", async (column, value) => {
    await tamper(`UPDATE audit_entries SET ${column} = ${value} WHERE number = 3`);
    const { intact, problems: found } = await audit.verify();
    expect(intact).toBe(false);
    expect(found[0]).toMatchObject({ kind: "changed", number: 3 });
    expect(found[0]?.message).toMatch(
      /^Entry 3 \(.*Z, container.start by (ci|somebody)\) was changed after it was written/,
    );
    // A hash that was changed alone no longer leads on, either.
    expect(found.slice(1).map(({ kind, number }) => [kind, number])).toEqual(column === "hash" ? [["broken", 4]] : []);
  });

  test("an entry that was written anew with a hash of its own does not lead on", async () => {
    const [, , third] = await all();
    const { hash: _, previousHash, ...content } = { ...third!, target: "other" };
    const { entryHash } = await import("./chain.ts");
    const digest = entryHash(previousHash, content);
    await tamper(`UPDATE audit_entries SET target = 'other', hash = '${digest}' WHERE number = 3`);
    expect(await problems()).toEqual([["broken", 4]]);
  });

  test("missing entries are named", async () => {
    await tamper("DELETE FROM audit_entries WHERE number IN (1, 3, 4)");
    const { problems: found } = await audit.verify();
    expect(found.map(({ kind, number, message }) => [kind, number, message])).toEqual([
      ["missing", 1, "Entry 1 is missing: entry 2 follows 0."],
      ["missing", 3, "Entries 3 to 4 are missing: entry 5 follows 2."],
    ]);
  });

  test("entries in another's place are named", async () => {
    await tamper("UPDATE audit_entries SET number = 99 WHERE number = 2");
    await tamper("UPDATE audit_entries SET number = 2 WHERE number = 5");
    await tamper("UPDATE audit_entries SET number = 5 WHERE number = 99");
    const { problems: found } = await audit.verify();
    const moved = found.filter(({ kind }) => kind === "moved");
    expect(moved.map(({ number, message }) => [number, /was written as entry (\d)/.exec(message)?.[1]])).toEqual([
      [2, "5"],
      [5, "2"],
    ]);
  });

  test("a cut end is found with a head that was kept, and only with it", async () => {
    const head = await audit.head();
    await tamper("DELETE FROM audit_entries WHERE number > 4");
    expect((await audit.verify()).intact).toBe(true);
    const { problems: found } = await audit.verify(head);
    expect(found).toMatchObject([{ kind: "head", number: 6, message: expect.stringContaining("ends at entry 4") }]);
    // The hub goes on after the cut: the number is there again, but with another hash.
    await fill(4);
    expect((await audit.verify()).intact).toBe(true);
    expect((await audit.verify(head)).problems).toMatchObject([{ kind: "head", number: 6 }]);
  });

  test("of a log that somebody else wrote, the first hundred problems are named and the rest counted", async () => {
    await fill(300);
    await tamper("UPDATE audit_entries SET target = 'other'");
    const { problems: found, furtherProblems } = await audit.verify();
    expect([found.length, furtherProblems]).toEqual([100, 206]);
  });

  test("the database itself refuses slips", async () => {
    await expect(database.db.updateTable("audit_entries").set({ target: "x" }).execute()).rejects.toThrow(
      /never change/,
    );
    await expect(database.db.deleteFrom("audit_entries").execute()).rejects.toThrow(/stay until/);
  });
});

describe("retention", () => {
  beforeEach(async () => {
    await fill(5);
    now += 370 * DAY_MS;
    for (let number = 6; number <= 8; number += 1) audit.record(started(number));
    await audit.head();
  });

  test("the chain goes on from the last entry removed, and says so itself", async () => {
    const fifth = (await all())[4]!;
    expect(await audit.prune()).toBe(5);
    expect(await audit.prune()).toBe(0);
    const entries = await all();
    expect(entries.map(({ number, action }) => [number, action]).at(-1)).toEqual([9, "audit.prune"]);
    expect(entries[0]?.number).toBe(6);
    expect(entries.at(-1)?.details).toEqual({ through: 5, hash: fifth.hash, entries: 5 });
    expect(await audit.verify()).toMatchObject({
      intact: true,
      entries: 4,
      prunedThrough: { number: 5, at: fifth.at },
    });
    // A year on, all that is left is the entry that tells of it.
    now += 370 * DAY_MS;
    expect(await audit.prune()).toBe(4);
    audit.record(started(10));
    expect((await all()).map(({ number }) => number)).toEqual([10, 11]);
    expect(await audit.verify()).toMatchObject({ intact: true, prunedThrough: { number: 9 } });
  });

  test("an anchor that was moved to hide entries is found", async () => {
    await audit.prune();
    await tamper("UPDATE audit_anchor SET number = 7, hash = (SELECT hash FROM audit_entries WHERE number = 7)");
    await tamper("DELETE FROM audit_entries WHERE number <= 7");
    expect(await problems()).toEqual([["start", 8]]);
    await tamper("DELETE FROM audit_anchor");
    expect(await problems()).toEqual([["missing", 1]]);
  });

  test("a kept head that is older than the log cannot be checked", async () => {
    const [, second, , , fifth] = await all();
    await audit.prune();
    await expect(audit.verify(second)).rejects.toMatchObject({ code: "bad_request" });
    expect((await audit.verify(fifth)).intact).toBe(true);
  });
});

test("what does not fit into the queue is counted, and the log says so", async () => {
  const small = new AuditLog({ store: new AuditStore(database.db), log: silentLog, capacity: 2 });
  for (let number = 1; number <= 5; number += 1) small.record(started(number));
  await small.stop();
  const entries = await all();
  expect(entries.map(({ action, details }) => [action, details["entries"]])).toEqual([
    ["container.start", undefined],
    ["container.start", undefined],
    ["audit.lost", 3],
  ]);
  expect(small.stats).toMatchObject({ stored: 3, dropped: 3, queued: 0 });
});

test("attempts of nobody are counted together when they are many", async () => {
  for (let attempt = 0; attempt < 100; attempt += 1)
    audit.record({ actor: NOBODY, action: "sign-in", outcome: "refused" });
  now += 61_000;
  audit.record({ actor: NOBODY, action: "sign-in", outcome: "refused" });
  const entries = await all();
  expect(entries).toHaveLength(62);
  expect(entries[60]).toMatchObject({ action: "audit.summary", details: { attempts: 40 } });
  expect(audit.stats.summarised).toBe(40);
});

test("all that was recorded is stored when it has stopped", async () => {
  for (let number = 1; number <= 1_000; number += 1) audit.record(started(number));
  await audit.stop();
  const { count } = await database.db
    .selectFrom("audit_entries")
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  expect(count).toBe(1_000);
});

test("entries are found by who, what, where, outcome, time and text, page by page", async () => {
  const web = { id: 4, name: "web" };
  audit.record({ actor: ci, action: "container.start", outcome: "done", environment: web, target: "a%c" });
  audit.record({
    actor: ci,
    action: "container.stop",
    outcome: "failed",
    environment: { id: 5, name: "db" },
    target: "abc",
  });
  audit.record({ actor: NOBODY, action: "image.pull", outcome: "refused", address: "192.0.2.7", at: now - DAY_MS });
  const numbers = async (selection: object): Promise<number[]> =>
    (await audit.page({ order: "desc", limit: 10, ...selection })).items.map(({ number }) => number);
  expect(await numbers({})).toEqual([3, 2, 1]);
  expect(await numbers({ actor: "ci" })).toEqual([2, 1]);
  expect(await numbers({ actor: "nobody" })).toEqual([3]);
  expect(await numbers({ actions: ["container.*"] })).toEqual([2, 1]);
  expect(await numbers({ actions: ["container.start", "image.pull"] })).toEqual([3, 1]);
  expect(await numbers({ environments: ["web"] })).toEqual([1]);
  expect(await numbers({ environments: ["5", "web"] })).toEqual([2, 1]);
  expect(await numbers({ outcomes: ["refused", "failed"] })).toEqual([3, 2]);
  expect(await numbers({ since: now - 1000 })).toEqual([2, 1]);
  expect(await numbers({ until: now - 1000 })).toEqual([3]);
  expect(await numbers({ text: "A%" })).toEqual([1]);
  expect(await numbers({ text: "192.0.2" })).toEqual([3]);
  const first = await audit.page({ order: "asc", limit: 2 });
  expect([first.items.length, first.next]).toEqual([2, 2]);
  expect(await numbers({ order: "asc", after: first.next })).toEqual([3]);
});
