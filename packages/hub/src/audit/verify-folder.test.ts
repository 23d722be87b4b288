import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { databaseFixture, silentLog } from "../database/database-fixture.ts";
import { SYSTEM } from "./record.ts";
import { AuditLog } from "./service.ts";
import { AuditStore } from "./store.ts";
import { verifyAuditFolder } from "./verify-folder.ts";

test("a data folder is checked beside its hub and without it, and not a byte of it changes", async () => {
  const database = await databaseFixture();
  const audit = new AuditLog({ store: new AuditStore(database.db), log: silentLog });
  audit.record({ actor: SYSTEM, action: "test", outcome: "done" });
  const head = await audit.head();
  expect(await verifyAuditFolder(database.folder)).toMatchObject({ intact: true, entries: 1, head });

  const hashes = async (): Promise<string[][]> => {
    const names = (await readdir(database.folder)).filter((name) => !name.endsWith("-shm"));
    const entries = names.map(async (name) => {
      const bytes = await readFile(join(database.folder, name));
      return [name, createHash("sha256").update(bytes).digest("hex")];
    });
    return Promise.all(entries);
  };
  await audit.stop();
  const before = await hashes();
  expect(await verifyAuditFolder(database.folder, `1:${head.hash}`)).toMatchObject({ intact: true });
  expect(await verifyAuditFolder(database.folder, `2:${head.hash}`)).toMatchObject({
    intact: false,
    problems: [{ kind: "head", number: 2 }],
  });
  expect(await hashes()).toEqual(before);
  await database[Symbol.asyncDispose]();
});

test("a folder without a database, and a head that is none, are named", async () => {
  await expect(verifyAuditFolder("/nowhere/at/all")).rejects.toMatchObject({ code: "not_found" });
  await expect(verifyAuditFolder("/nowhere/at/all", "12")).rejects.toMatchObject({ code: "bad_request" });
});
