import type { Insertable, Selectable } from "kysely";
import type { Database, DeviceLoginTable } from "../database/schema.ts";

export type DeviceLoginRow = Selectable<DeviceLoginTable>;

export class DeviceLoginStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async count(): Promise<number> {
    const query = this.#db.selectFrom("device_logins").select(({ fn }) => fn.countAll<number>().as("count"));
    return (await query.executeTakeFirstOrThrow()).count;
  }

  async insert(login: Insertable<DeviceLoginTable>): Promise<void> {
    await this.#db.insertInto("device_logins").values(login).execute();
  }

  byDeviceCode(hash: string): Promise<DeviceLoginRow | undefined> {
    return this.#db.selectFrom("device_logins").selectAll().where("device_code_hash", "=", hash).executeTakeFirst();
  }

  byUserCode(hash: string): Promise<DeviceLoginRow | undefined> {
    return this.#db.selectFrom("device_logins").selectAll().where("user_code_hash", "=", hash).executeTakeFirst();
  }

  async polled(id: number, at: number): Promise<void> {
    await this.#db.updateTable("device_logins").set({ polled_at: at }).where("id", "=", id).execute();
  }

  /** False when somebody has decided already. */
  async decide(id: number, decision: { person_id: string } | { denied: number }): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable("device_logins")
      .set({ ...decision, polled_at: null })
      .where("id", "=", id)
      .where("person_id", "is", null)
      .where("denied", "=", 0)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** False when it is gone already. */
  async remove(id: number): Promise<boolean> {
    const { numDeletedRows } = await this.#db.deleteFrom("device_logins").where("id", "=", id).executeTakeFirst();
    return numDeletedRows > 0n;
  }

  async removeExpired(now: number): Promise<void> {
    await this.#db.deleteFrom("device_logins").where("expires_at", "<=", now).execute();
  }
}
