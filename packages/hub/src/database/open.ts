import { chmod, mkdir, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FairleadError } from "@fairlead/protocol";
import { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { backupDatabase } from "./backup.ts";
import { lockDataFolder } from "./data-folder-lock.ts";
import { inspectDatabase } from "./inspect.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import type { Database, Tables } from "./schema.ts";
import { NodeSqliteDialect } from "./sqlite-dialect.ts";

export interface OpenDatabase {
  readonly db: Database;
  /** Throws when the file cannot be read. */
  ping(this: void): Promise<void>;
  /** Closes the file and gives the data folder up. Queries after it fail. */
  close(this: void): Promise<void>;
}

/** Another process that reads the file (a backup tool, the sqlite3 shell) may hold a write up for this long. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens the hub's database `hub.db` in `dataDir`, making both when they are missing, and brings it to the present schema.
 *
 * The file is checked by reading only before anything may write to it. A copy is kept before a migration of a database
 * that already has one. The data folder is this process's alone until `close()`.
 *
 * @param migrations For tests; the default is what this version knows.
 * @throws FairleadError database_locked (another hub), database_corrupt or database_newer (the file is left as it is),
 * config_invalid (the folder cannot be used).
 */
export async function openDatabase(
  dataDir: string,
  migrations: Readonly<Record<string, Migration>> = MIGRATIONS,
): Promise<OpenDatabase> {
  const file = join(dataDir, "hub.db");
  await prepareFolder(dataDir);
  const lock = lockDataFolder(join(dataDir, "hub.lock"));
  let sqlite: DatabaseSync | undefined;
  try {
    const { executed } = (await isEmpty(file)) ? { executed: [] } : inspectDatabase(file, Object.keys(migrations));
    await createPrivately(file);
    sqlite = openFile(file);
    const pending = Object.keys(migrations).filter((name) => !executed.includes(name));
    const version = executed.at(-1);
    if (version !== undefined && pending.length > 0) await backupDatabase(sqlite, file, version);
    const db = new Kysely<Tables>({ dialect: new NodeSqliteDialect(sqlite) });
    if (pending.length > 0) await migrate(db, sqlite, migrations);
    return { db, ping: () => ping(db), close: () => closeAll(db, sqlite, lock) };
  } catch (error) {
    sqlite?.close();
    lock.release();
    throw error;
  }
}

async function prepareFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await createPrivately(join(dataDir, "hub.lock"));
  } catch (error) {
    throw new FairleadError(
      "config_invalid",
      `The data folder ${dataDir} cannot be used (${error instanceof Error ? error.message : String(error)}). Make it writable for this user, or name another with --data.`,
      { cause: error },
    );
  }
}

async function isEmpty(file: string): Promise<boolean> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  return size === 0;
}

/** SQLite gives the files beside it (-wal, -shm) the same mode. */
async function createPrivately(file: string): Promise<void> {
  await (await open(file, "a", 0o600)).close();
  await chmod(file, 0o600);
}

function openFile(file: string): DatabaseSync {
  const sqlite = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  sqlite.exec("PRAGMA journal_mode = WAL");
  // With WAL, NORMAL keeps the file whole through a power cut; at most the last moments' commits are missing.
  sqlite.exec("PRAGMA synchronous = NORMAL");
  return sqlite;
}

async function migrate(
  db: Database,
  sqlite: DatabaseSync,
  migrations: Readonly<Record<string, Migration>>,
): Promise<void> {
  // A migration may have to rebuild a table that others point to, and this cannot be switched inside its transaction.
  sqlite.exec("PRAGMA foreign_keys = OFF");
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...migrations }) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw migrationError(error);
  sqlite.exec("PRAGMA foreign_keys = ON");
}

function migrationError(error: unknown): FairleadError {
  const message = error instanceof Error ? error.message : String(error);
  return new FairleadError(
    "internal",
    `The database could not be brought to this version's schema (${message}). Nothing was changed: start the version that ran before, and report this.`,
    { cause: error },
  );
}

async function ping(db: Database): Promise<void> {
  await db.selectFrom("environments").select("id").limit(1).execute();
}

async function closeAll(db: Database, sqlite: DatabaseSync | undefined, lock: { release(): void }): Promise<void> {
  await db.destroy();
  if (sqlite?.isOpen) sqlite.close();
  lock.release();
}
