/** Primary result codes of SQLite that the hub tells apart (sqlite.org/rescode.html). */
export const SQLITE_BUSY = 5;
export const SQLITE_CORRUPT = 11;
export const SQLITE_CONSTRAINT = 19;
export const SQLITE_NOTADB = 26;

/** The primary result code of an error thrown by `node:sqlite`; undefined for any other value. */
export function sqliteErrorCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  // The upper bits say more (the extended code); the lower eight are the primary code.
  return error.errcode & 0xff;
}
