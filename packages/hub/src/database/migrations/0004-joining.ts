/** Join keys of edge environments: what an agent trades, once, for its own token. */
import { type ColumnDefinitionBuilder, type Kysely } from "kysely";

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull();

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("join_keys")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("environment_id", "integer", (column) =>
      column.notNull().references("environments.id").onDelete("cascade"),
    )
    .addColumn("hash", "text", (column) => column.notNull().unique())
    .addColumn("created_at", "bigint", required)
    .addColumn("expires_at", "bigint", required)
    .addColumn("revoked_at", "bigint")
    .addColumn("used_at", "bigint")
    .addColumn("used_by", "text")
    .addColumn("attempt_hash", "text")
    .addColumn("token_id", "integer")
    .execute();
  await db.schema.createIndex("join_keys_of_environment").on("join_keys").columns(["environment_id", "id"]).execute();
}
