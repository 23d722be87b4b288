import { setImmediate as nextTurn } from "node:timers/promises";
import type { DeleteResult } from "kysely";

/** Rows deleted in one statement: a millisecond or two of blocking. */
const CHUNK_ROWS = 500;

/**
 * Repeats a deletion of at most `limit` rows until it finds fewer, and lets others work in between.
 *
 * @returns how many rows went.
 */
export async function deleteInChunks(deleteSome: (limit: number) => Promise<DeleteResult>): Promise<number> {
  let rows = 0;
  for (;;) {
    const { numDeletedRows } = await deleteSome(CHUNK_ROWS);
    rows += Number(numDeletedRows);
    if (numDeletedRows < CHUNK_ROWS) return rows;
    await nextTurn();
  }
}
