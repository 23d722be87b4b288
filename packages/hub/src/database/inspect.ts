import { readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FairleadError } from "@fairlead/protocol";
import { newestBackup } from "./backup.ts";
import { readOnlyUrl } from "./read-only-url.ts";
import { SQLITE_CORRUPT, SQLITE_NOTADB, sqliteErrorCode } from "./sqlite-errors.ts";

/**
 * Checks an existing database without changing a byte of it: whole, ours, and not from a later version.
 *
 * @returns The migrations it has had, in order.
 * @throws FairleadError database_corrupt, database_newer.
 */
export function inspectDatabase(file: string, knownMigrations: readonly string[]): { executed: string[] } {
  const executed = readMigrations(file);
  const unknown = executed.filter((name) => !knownMigrations.includes(name));
  if (unknown.length > 0) {
    throw new FairleadError(
      "database_newer",
      `The database ${file} was written by a newer version of Fairlead: it has the schema ${unknown.at(-1)}, and this version knows up to ${knownMigrations.toSorted().at(-1)}. It was left untouched. Start the newer version${restoreHint(file)}.`,
    );
  }
  return { executed };
}

function readMigrations(file: string): string[] {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(readOnlyUrl(file), { readOnly: true });
    const [problem] = database.prepare("PRAGMA quick_check(1)").all();
    const found = Object.values(problem ?? {})[0];
    if (found !== "ok") throw corrupt(file, String(found));
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    if (tables.length === 0) return [];
    if (!tables.some((table) => table["name"] === "kysely_migration")) {
      throw corrupt(file, "it is an SQLite database, but not one of Fairlead");
    }
    return database
      .prepare("SELECT name FROM kysely_migration ORDER BY name")
      .all()
      .map((row) => String(row["name"]));
  } catch (error) {
    const code = sqliteErrorCode(error);
    if (code !== SQLITE_CORRUPT && code !== SQLITE_NOTADB) throw error;
    throw corrupt(file, error instanceof Error ? error.message : String(error), error);
  } finally {
    database?.close();
  }
}

function corrupt(file: string, problem: string, cause?: unknown): FairleadError {
  return new FairleadError(
    "database_corrupt",
    `The database ${file} is damaged (${problem.split("\n").join(" ").trim()}). It was left untouched. Move it away to start empty${restoreHint(file)}.`,
    { cause },
  );
}

function restoreHint(file: string): string {
  const backup = newestBackup(basename(file), readdirSync(dirname(file)));
  return backup === undefined
    ? ""
    : `, or put the backup ${backup} in its place (and remove ${basename(file)}-wal and -shm)`;
}
