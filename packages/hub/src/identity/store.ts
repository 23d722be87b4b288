import { FairleadError } from "@fairlead/protocol";
import type { Insertable, Selectable } from "kysely";
import type { ApiTokenTable, Database } from "../database/schema.ts";
import { SQLITE_CONSTRAINT, sqliteErrorCode } from "../database/sqlite-errors.ts";

export type ApiTokenRow = Selectable<ApiTokenTable>;

export class ApiTokenStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** All of them, or one person's. */
  list(ownerId?: string): Promise<ApiTokenRow[]> {
    const all = this.#db.selectFrom("api_tokens").selectAll().orderBy("id");
    return (ownerId === undefined ? all : all.where("owner_id", "=", ownerId)).execute();
  }

  byHash(hash: string): Promise<ApiTokenRow | undefined> {
    return this.#db.selectFrom("api_tokens").selectAll().where("hash", "=", hash).executeTakeFirst();
  }

  byName(name: string): Promise<ApiTokenRow | undefined> {
    return this.#db.selectFrom("api_tokens").selectAll().where("name", "=", name).executeTakeFirst();
  }

  /** @throws FairleadError conflict when the name is taken. */
  async insert(token: Insertable<ApiTokenTable>): Promise<ApiTokenRow> {
    return await this.#db
      .insertInto("api_tokens")
      .values(token)
      .returningAll()
      .executeTakeFirstOrThrow()
      .catch((error: unknown) => {
        if (sqliteErrorCode(error) !== SQLITE_CONSTRAINT) throw error;
        throw new FairleadError("conflict", `An API token named ${token.name} exists already. Choose another name.`, {
          details: { field: "name" },
        });
      });
  }

  /** Puts a token in the place of the one with its name, if there is one. */
  async replace(token: Insertable<ApiTokenTable>): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await transaction.deleteFrom("api_tokens").where("name", "=", token.name).execute();
      await transaction.insertInto("api_tokens").values(token).execute();
    });
  }

  /** False when there is none, or it is not this person's. */
  async remove(id: number, ownerId?: string): Promise<boolean> {
    const one = this.#db.deleteFrom("api_tokens").where("id", "=", id);
    const owned = ownerId === undefined ? one : one.where("owner_id", "=", ownerId);
    const { numDeletedRows } = await owned.executeTakeFirst();
    return numDeletedRows > 0n;
  }

  async setLastUsed(times: ReadonlyMap<number, number>): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      for (const [id, at] of times) {
        await transaction.updateTable("api_tokens").set({ last_used_at: at }).where("id", "=", id).execute();
      }
    });
  }
}
