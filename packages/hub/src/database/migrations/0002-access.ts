/** Roles, who holds them where, and what API tokens may do. Tokens from before have all rights, as they had. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable("api_tokens").addColumn("owner_id", "text").execute();
  await db.schema.alterTable("api_tokens").addColumn("grants", "text").execute();
  await db.schema
    .createTable("roles")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("permissions", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("role_bindings")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("person_id", "text", (column) => column.notNull())
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("scope", "text", (column) => column.notNull())
    .addColumn("origin", "text", (column) => column.notNull())
    .addUniqueConstraint("role_bindings_once", ["person_id", "role", "scope", "origin"])
    .execute();
}
