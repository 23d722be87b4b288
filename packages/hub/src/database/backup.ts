import { chmod, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { FairleadError } from "@fairlead/protocol";

/** Copies kept: the versions a person may want to go back to, without filling the disk with old ones. */
const KEPT_BACKUPS = 3;

/**
 * Copies the database to `hub.db.backup-<version>-<time>` beside it, and removes all but the newest copies.
 *
 * @param version The schema that the copy has.
 * @throws FairleadError internal when the copy cannot be written: a migration without one must not start.
 */
export async function backupDatabase(sqlite: DatabaseSync, file: string, version: string): Promise<void> {
  const time = new Date().toISOString().replaceAll(/[-:]/g, "").replace(".", "");
  const copy = `${file}.backup-${version}-${time}`;
  try {
    sqlite.prepare("VACUUM INTO ?").run(copy);
    await chmod(copy, 0o600);
  } catch (error) {
    await rm(copy, { force: true });
    throw new FairleadError(
      "internal",
      `The database must be migrated, but the backup ${copy} cannot be written (${error instanceof Error ? error.message : String(error)}). Nothing was changed: make room there and start again.`,
      { cause: error },
    );
  }
  const folder = dirname(file);
  const outdated = backupsOf(basename(file), await readdir(folder)).slice(KEPT_BACKUPS);
  for (const name of outdated) await rm(join(folder, name));
}

/** The newest backup among a folder's file names. */
export function newestBackup(databaseName: string, names: readonly string[]): string | undefined {
  return backupsOf(databaseName, names)[0];
}

/** Newest first: a name ends in its time. */
function backupsOf(databaseName: string, names: readonly string[]): string[] {
  const time = (name: string): string => name.slice(name.lastIndexOf("-") + 1);
  return names
    .filter((name) => name.startsWith(`${databaseName}.backup-`))
    .toSorted((a, b) => time(b).localeCompare(time(a)));
}
