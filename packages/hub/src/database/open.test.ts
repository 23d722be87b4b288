import { createHash } from "node:crypto";
import { chmod, copyFile, open, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isFairleadError } from "@fairlead/protocol";
import { type TempDir, tempDir } from "@fairlead/testkit";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as foundation from "./migrations/0001-foundation.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { openDatabase } from "./open.ts";

let folder: TempDir;
beforeEach(async () => {
  folder = await tempDir();
});
afterEach(() => folder.stop());

const path = (name: string): string => join(folder.path, name);
const mode = async (name: string): Promise<number> => (await stat(path(name))).mode & 0o777;

/** The files that hold data; -shm is SQLite's index of the -wal and may be rebuilt at any time. */
async function hashes(): Promise<Record<string, string>> {
  const names = (await readdir(folder.path)).filter((name) => name.startsWith("hub.db") && !name.endsWith("-shm"));
  const entries = names.map(async (name) => {
    return [
      name,
      createHash("sha256")
        .update(await readFile(path(name)))
        .digest("hex"),
    ] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function failure(opening: Promise<{ close(): Promise<void> }>): Promise<{ code: string; message: string }> {
  try {
    await (await opening).close();
  } catch (error) {
    if (isFairleadError(error)) return error;
    throw error;
  }
  throw new Error("The database was opened");
}

async function addEnvironment(name: string): Promise<void> {
  const { db, close } = await openDatabase(folder.path);
  await db.insertInto("environments").values({ name, kind: "edge", labels: "{}", created_at: 1 }).execute();
  await close();
}

const addColour: Migration = {
  async up(db: Kysely<never>) {
    await db.schema.alterTable("environments").addColumn("colour", "text").execute();
  },
};
const newest = Object.keys(MIGRATIONS).toSorted().at(-1) ?? "";
const withOneMore = { ...MIGRATIONS, "9998-colour": addColour };

describe("a new folder", () => {
  test("gets a database that only its owner can read", async () => {
    const dataDir = path("new");
    const { db, close } = await openDatabase(dataDir);
    expect(await db.selectFrom("environments").selectAll().execute()).toEqual([]);
    expect(await mode("new")).toBe(0o700);
    for (const name of ["hub.db", "hub.db-wal", "hub.lock"]) expect(await mode(`new/${name}`)).toBe(0o600);
    await close();
  });

  test("that cannot be used is named", async () => {
    await writeFile(path("file"), "");
    const error = await failure(openDatabase(path("file")));
    expect(error.code).toBe("config_invalid");
    expect(error.message).toContain(path("file"));
  });
});

describe("settings", () => {
  test("rows are found again, and an environment takes its agent's rows with it", async () => {
    await addEnvironment("one");
    const { db, close } = await openDatabase(folder.path);
    const { id } = await db.selectFrom("environments").select("id").executeTakeFirstOrThrow();
    await db.insertInto("agent_tokens").values({ environment_id: id, hash: "x", created_at: 1 }).execute();
    await expect(
      db
        .insertInto("agent_tokens")
        .values({ environment_id: id + 1, hash: "y", created_at: 1 })
        .execute(),
    ).rejects.toThrow(/FOREIGN KEY/);
    await db.deleteFrom("environments").execute();
    expect(await db.selectFrom("agent_tokens").selectAll().execute()).toEqual([]);
    await close();
  });

  test("a transaction that fails leaves nothing, and other queries wait for it", async () => {
    const { db, close } = await openDatabase(folder.path);
    const row = { kind: "edge" as const, labels: "{}", created_at: 1 };
    const failing = db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto("environments")
        .values({ ...row, name: "lost" })
        .execute();
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error("on purpose");
    });
    const meanwhile = db
      .insertInto("environments")
      .values({ ...row, name: "kept" })
      .execute();
    await expect(failing).rejects.toThrow("on purpose");
    await meanwhile;
    const names = await db.selectFrom("environments").select("name").execute();
    expect(names.map(({ name }) => name)).toEqual(["kept"]);
    await close();
  });

  test("more different statements than are kept prepared all work", async () => {
    const { db, close } = await openDatabase(folder.path);
    for (let count = 1; count <= 300; count += 1) {
      const ids = Array.from({ length: count }, (_, index) => index);
      expect(await db.selectFrom("environments").select("id").where("id", "in", ids).execute()).toEqual([]);
    }
    expect(await db.selectFrom("environments").select("id").where("id", "in", [1]).execute()).toEqual([]);
    await close();
  });
});

describe("two hubs", () => {
  test("never share a folder", async () => {
    const first = await openDatabase(folder.path);
    const error = await failure(openDatabase(folder.path));
    expect(error.code).toBe("database_locked");
    expect(error.message).toContain(folder.path);
    await first.close();
    await (await openDatabase(folder.path)).close();
  });
});

describe("migration", () => {
  test("brings a database of version 1 forward, and keeps a copy of it", async () => {
    const old = new DatabaseSync(path("hub.db"));
    old.exec(await readFile(new URL("fixtures/version-0001.sql", import.meta.url), "utf8"));
    old.close();

    const { db, close } = await openDatabase(folder.path, withOneMore);
    const rows = await db.selectFrom("environments").selectAll().execute();
    expect(rows.map((row) => ({ ...row }))).toMatchObject([{ id: 7, name: "web-1", kind: "edge", colour: null }]);
    expect(await db.selectFrom("container_events").select("identity").execute()).toMatchObject([{ identity: "e1" }]);
    await close();

    const [backup = ""] = (await readdir(folder.path)).filter((name) => name.startsWith("hub.db.backup-"));
    expect(backup).toMatch(/^hub\.db\.backup-0001-foundation-\d{8}T\d{9}Z$/);
    expect(await mode(backup)).toBe(0o600);
    const copy = new DatabaseSync(path(backup), { readOnly: true });
    expect(copy.prepare("SELECT name FROM environments").all()).toMatchObject([{ name: "web-1" }]);
    expect(copy.prepare("SELECT name FROM kysely_migration").all()).toMatchObject([{ name: "0001-foundation" }]);
    copy.close();
  });

  test("0001 still makes the tables that it made when it was released", async () => {
    await (await openDatabase(folder.path, { "0001-foundation": foundation })).close();
    const fixture = new DatabaseSync(":memory:");
    fixture.exec(await readFile(new URL("fixtures/version-0001.sql", import.meta.url), "utf8"));
    const present = new DatabaseSync(path("hub.db"), { readOnly: true });
    const schema = "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name";
    expect(present.prepare(schema).all()).toEqual(fixture.prepare(schema).all());
    present.close();
    fixture.close();
  });

  test("of a new or a present database keeps no copy", async () => {
    await addEnvironment("one");
    await (await openDatabase(folder.path)).close();
    expect((await readdir(folder.path)).filter((name) => name.includes("backup"))).toEqual([]);
  });

  test("keeps the last three copies", async () => {
    const stale = ["20200101T000000000Z", "20210101T000000000Z", "20220101T000000000Z", "20230101T000000000Z"];
    for (const time of stale) await writeFile(path(`hub.db.backup-0000-${time}`), "");
    await addEnvironment("one");
    await (await openDatabase(folder.path, withOneMore)).close();
    const kept = (await readdir(folder.path)).filter((name) => name.startsWith("hub.db.backup-"));
    expect(kept).toHaveLength(3);
    expect(kept.filter((name) => stale.some((time) => name.endsWith(time)))).toEqual([
      "hub.db.backup-0000-20220101T000000000Z",
      "hub.db.backup-0000-20230101T000000000Z",
    ]);
  });

  test("that fails half-way changes nothing", async () => {
    await addEnvironment("one");
    const failing: Migration = {
      async up(db: Kysely<never>) {
        throw new Error("on purpose", { cause: db });
      },
    };
    const error = await failure(openDatabase(folder.path, { ...withOneMore, "9999-failing": failing }));
    expect(error.message).toContain("on purpose");
    const { db, close } = await openDatabase(folder.path);
    const [row] = await db.selectFrom("environments").selectAll().execute();
    expect(row).toMatchObject({ name: "one" });
    expect(row).not.toHaveProperty("colour");
    await close();
  });
});

describe("a file that must not be touched", () => {
  async function expectUntouched(code: string, words: RegExp): Promise<void> {
    const before = await hashes();
    const error = await failure(openDatabase(folder.path));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(words);
    expect(await hashes()).toEqual(before);
    expect(Object.keys(before).length).toBeGreaterThan(0);
  }

  test("one that is no database", async () => {
    await writeFile(path("hub.db"), "This is not a database, whatever its name says. ".repeat(100));
    await expectUntouched("database_corrupt", /damaged.*Move it away/);
  });

  test("one that was cut off", async () => {
    await addEnvironment("one");
    const bytes = await readFile(path("hub.db"));
    await writeFile(path("hub.db"), bytes.subarray(0, bytes.length - 5000));
    await expectUntouched("database_corrupt", /damaged/);
  });

  test("one with a page overwritten", async () => {
    await addEnvironment("one");
    const file = await open(path("hub.db"), "r+");
    await file.write(Buffer.alloc(4096, 0xa5), 0, 4096, 3 * 4096);
    await file.close();
    await expectUntouched("database_corrupt", /damaged/);
  });

  test("one of another program", async () => {
    const other = new DatabaseSync(path("hub.db"));
    other.exec("CREATE TABLE recipes (name TEXT)");
    other.close();
    await expectUntouched("database_corrupt", /not one of Fairlead/);
  });

  test("one of a newer version, which says where the backup is", async () => {
    await addEnvironment("one");
    await (await openDatabase(folder.path, withOneMore)).close();
    await expectUntouched("database_newer", new RegExp(`9998-colour.*${newest}.*hub\\.db\\.backup-${newest}`));
  });

  test("one of a newer version that was killed with changes still in its -wal", async () => {
    const newer = await openDatabase(folder.path, withOneMore);
    await newer.db
      .insertInto("environments")
      .values({ name: "x", kind: "edge", labels: "{}", created_at: 1 })
      .execute();
    for (const name of ["hub.db", "hub.db-wal"]) await copyFile(path(name), path(`copy-${name}`));
    await newer.close();
    for (const name of ["hub.db", "hub.db-wal"]) await copyFile(path(`copy-${name}`), path(name));
    await chmod(path("hub.db"), 0o600);
    await expectUntouched("database_newer", /9998-colour/);
    expect(Object.keys(await hashes())).toContain("hub.db-wal");
  });
});
