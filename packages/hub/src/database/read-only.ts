import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FairleadError } from "@fairlead/protocol";
import { Kysely } from "kysely";
import { inspectDatabase } from "./inspect.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { readOnlyUrl } from "./read-only-url.ts";
import type { Database, Tables } from "./schema.ts";
import { NodeSqliteDialect } from "./sqlite-dialect.ts";

/** Another process may hold the file while it folds its log of changes in. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens the database of a data folder to read it, beside a running hub too. Nothing is written, and no lock is taken.
 *
 * @throws FairleadError not_found, database_corrupt, database_newer; config_invalid when it has an older schema.
 */
export function openReadOnly(dataDir: string): { readonly db: Database; close(this: void): Promise<void> } {
  const file = join(dataDir, "hub.db");
  if (!existsSync(file)) {
    throw new FairleadError("not_found", `There is no hub's database in ${dataDir}: ${file} is missing.`);
  }
  const known = Object.keys(MIGRATIONS);
  const { executed } = inspectDatabase(file, known);
  if (executed.length < known.length) {
    throw new FairleadError(
      "config_invalid",
      `The database ${file} has an older schema than this version reads: start its hub with this version once.`,
    );
  }
  const sqlite = new DatabaseSync(readOnlyUrl(file), { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  const db = new Kysely<Tables>({ dialect: new NodeSqliteDialect(sqlite) });
  const close = async (): Promise<void> => {
    await db.destroy();
    sqlite.close();
  };
  return { db, close };
}
