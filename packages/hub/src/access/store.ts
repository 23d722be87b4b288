import { FairleadError, type Permission } from "@fairlead/protocol";
import type { RoleBinding } from "@fairlead/protocol/rest";
import type { Database } from "../database/schema.ts";
import { SQLITE_CONSTRAINT, sqliteErrorCode } from "../database/sqlite-errors.ts";

/** Whose word a binding rests on: that of somebody who gave it, or of the OIDC provider's groups. */
export type BindingOrigin = "given" | "provider";

export interface StoredBinding extends RoleBinding {
  readonly personId: string;
}

export class AccessStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async roles(): Promise<Map<string, ReadonlySet<Permission>>> {
    const rows = await this.#db.selectFrom("roles").selectAll().orderBy("name").execute();
    return new Map(rows.map((row) => [row.name, new Set(JSON.parse(row.permissions) as Permission[])]));
  }

  /** @throws FairleadError conflict when the name is taken. */
  async insertRole(name: string, permissions: readonly Permission[]): Promise<void> {
    await this.#db
      .insertInto("roles")
      .values({ name, permissions: JSON.stringify(permissions), created_at: Date.now() })
      .execute()
      .catch((error: unknown) => {
        if (sqliteErrorCode(error) !== SQLITE_CONSTRAINT) throw error;
        throw new FairleadError("conflict", `A role named ${name} exists already. Choose another name.`, {
          details: { field: "name" },
        });
      });
  }

  async updateRole(name: string, permissions: readonly Permission[]): Promise<void> {
    await this.#db
      .updateTable("roles")
      .set({ permissions: JSON.stringify(permissions) })
      .where("name", "=", name)
      .execute();
  }

  async removeRole(name: string): Promise<void> {
    await this.#db.deleteFrom("roles").where("name", "=", name).execute();
  }

  async bindings(): Promise<StoredBinding[]> {
    const rows = await this.#db.selectFrom("role_bindings").selectAll().orderBy("id").execute();
    return rows.map((row) => ({
      personId: row.person_id,
      role: row.role,
      scope: JSON.parse(row.scope) as RoleBinding["scope"],
    }));
  }

  /** Puts these in the place of what the person holds from this origin. */
  async replaceBindings(personId: string, origin: BindingOrigin, bindings: readonly RoleBinding[]): Promise<void> {
    const rows = bindings.map(({ role, scope }) => ({
      person_id: personId,
      role,
      scope: JSON.stringify(scope),
      origin,
    }));
    await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .deleteFrom("role_bindings")
        .where("person_id", "=", personId)
        .where("origin", "=", origin)
        .execute();
      if (rows.length > 0) {
        await transaction
          .insertInto("role_bindings")
          .values(rows)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    });
  }

  async removePerson(personId: string): Promise<void> {
    await this.#db.deleteFrom("role_bindings").where("person_id", "=", personId).execute();
  }
}
