import { DatabaseSync } from "node:sqlite";
import { FairleadError } from "@fairlead/protocol";
import { sqliteErrorCode, SQLITE_BUSY } from "./sqlite-errors.ts";

/** A hub that is just ending gives its folder up within this. */
const LOCK_WAIT_MS = 1_000;

/**
 * Takes the data folder for this process until the lock is released or the process ends, in whatever way.
 *
 * It is SQLite's own file lock, held by an open transaction on an empty file: the kernel drops it with the process, so
 * a killed hub leaves nothing to clean up, and it works the same on every platform.
 *
 * @throws FairleadError database_locked when another hub has it.
 */
export function lockDataFolder(path: string): { release(): void } {
  const lock = new DatabaseSync(path, { timeout: LOCK_WAIT_MS });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (sqliteErrorCode(error) !== SQLITE_BUSY) throw error;
    throw new FairleadError(
      "database_locked",
      `Another hub is using the data folder (${path} is locked). Stop that hub, or give this one a folder of its own with --data.`,
    );
  }
  return { release: () => lock.close() };
}
