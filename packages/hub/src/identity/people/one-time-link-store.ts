import type { Insertable, Selectable } from "kysely";
import type { Database, PersonLinkTable } from "../../database/schema.ts";

export type OneTimeLinkRow = Selectable<PersonLinkTable>;

export class OneTimeLinkStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  byHash(hash: string): Promise<OneTimeLinkRow | undefined> {
    return this.#db.selectFrom("person_links").selectAll().where("hash", "=", hash).executeTakeFirst();
  }

  list(kind: OneTimeLinkRow["kind"], now: number): Promise<OneTimeLinkRow[]> {
    return this.#db
      .selectFrom("person_links")
      .selectAll()
      .where("kind", "=", kind)
      .where("expires_at", ">", now)
      .orderBy("id")
      .execute();
  }

  /** In the place of those for the same person or address. */
  async replace(link: Insertable<PersonLinkTable>): Promise<OneTimeLinkRow> {
    return await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .deleteFrom("person_links")
        .where("kind", "=", link.kind)
        .where("email", "is not distinct from", link.email ?? null)
        .where("person_id", "is not distinct from", link.person_id ?? null)
        .execute();
      return await transaction.insertInto("person_links").values(link).returningAll().executeTakeFirstOrThrow();
    });
  }

  /** False when there is none. */
  async remove(id: number, kind?: OneTimeLinkRow["kind"]): Promise<boolean> {
    let query = this.#db.deleteFrom("person_links").where("id", "=", id);
    if (kind !== undefined) query = query.where("kind", "=", kind);
    return (await query.executeTakeFirst()).numDeletedRows > 0n;
  }

  /** Those of one person, or everybody's. */
  async removePasswordLinks(personId: string | undefined): Promise<void> {
    let query = this.#db.deleteFrom("person_links").where("kind", "=", "password");
    if (personId !== undefined) query = query.where("person_id", "=", personId);
    await query.execute();
  }

  async removeExpired(now: number): Promise<void> {
    await this.#db.deleteFrom("person_links").where("expires_at", "<=", now).execute();
  }
}
