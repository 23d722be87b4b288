import type { Selectable, Transaction } from "kysely";
import { deleteInChunks } from "../database/delete-in-chunks.ts";
import type { ChangeTable, Database, Tables } from "../database/schema.ts";

export type ChangeRow = Selectable<ChangeTable>;
export type NewChange = Omit<ChangeRow, "id">;

/** The table `changes`: ids increase in the order of writing. */
export class ChangeStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** @param db a transaction, for a change that is stored together with what changed. */
  async insert(changes: readonly NewChange[], db: Database | Transaction<Tables> = this.#db): Promise<void> {
    for (const change of changes) await db.insertInto("changes").values(change).execute();
  }

  async insertAll(changes: readonly NewChange[]): Promise<void> {
    await this.#db.transaction().execute((trx) => this.insert(changes, trx));
  }

  /** Rows after `id` in order, at most `limit`. */
  async after(id: number, limit: number): Promise<ChangeRow[]> {
    return this.#db.selectFrom("changes").selectAll().where("id", ">", id).orderBy("id").limit(limit).execute();
  }

  /** Ids of the oldest and newest row; `undefined` when there is none yet. */
  async range(): Promise<{ oldest: number; newest: number } | undefined> {
    const { oldest, newest } = await this.#db
      .selectFrom("changes")
      .select((eb) => [eb.fn.min("id").as("oldest"), eb.fn.max("id").as("newest")])
      .executeTakeFirstOrThrow();
    return oldest === null || newest === null ? undefined : { oldest, newest };
  }

  /** Deletes all but the newest row. */
  async forget(): Promise<void> {
    const range = await this.range();
    if (range) await this.#deleteBelow(range.newest);
  }

  /** Keeps the newest `maxRows` and of these what is not older than `before` (Unix milliseconds); the newest row always. */
  async prune(maxRows: number, before: number): Promise<number> {
    const range = await this.range();
    if (!range) return 0;
    const { firstKept } = await this.#db
      .selectFrom("changes")
      .select((eb) => eb.fn.min("id").as("firstKept"))
      .where("at", ">=", before)
      .executeTakeFirstOrThrow();
    return this.#deleteBelow(Math.max(range.newest - maxRows + 1, firstKept ?? range.newest));
  }

  #deleteBelow(id: number): Promise<number> {
    return deleteInChunks((limit) =>
      this.#db
        .deleteFrom("changes")
        .where("id", "in", (eb) =>
          eb.selectFrom("changes").select("id").where("id", "<", id).orderBy("id").limit(limit),
        )
        .executeTakeFirstOrThrow(),
    );
  }
}
