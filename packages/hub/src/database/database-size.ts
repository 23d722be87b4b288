import { stat } from "node:fs/promises";
import { join } from "node:path";

/** Bytes on disk of the database in `dataDir`, with what is not written into its file yet. */
export async function databaseSize(dataDir: string): Promise<number> {
  const sizes = ["hub.db", "hub.db-wal"].map(async (name) => {
    const file = await stat(join(dataDir, name)).catch(() => undefined);
    return file?.size ?? 0;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
