/** For tests: a real database in a temporary folder. */
import { tempDir } from "@fairlead/testkit";
import { searchForSecrets } from "@fairlead/testkit/leaked-secrets";
import { pino } from "pino";
import { openDatabase } from "./open.ts";
import type { Database } from "./schema.ts";

export interface DatabaseFixture extends AsyncDisposable {
  readonly db: Database;
  readonly folder: string;
}

/** Says nothing, but what would be said is searched for secrets. */
export const silentLog = pino({ level: "trace" }, { write: (line) => searchForSecrets("the hub of this test", line) });

export async function databaseFixture(): Promise<DatabaseFixture> {
  const folder = await tempDir();
  const { db, close } = await openDatabase(folder.path);
  return {
    db,
    folder: folder.path,
    [Symbol.asyncDispose]: async () => {
      await close();
      await folder.stop();
    },
  };
}
