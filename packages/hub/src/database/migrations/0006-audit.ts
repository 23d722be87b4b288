/**
 * The audit log: one row an entry, chained by hashes (`audit/chain.ts`), and where retention has cut it.
 *
 * No foreign keys: what was done outlives the environment, token or person that it names.
 */
import { type ColumnDefinitionBuilder, type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("audit_entries")
    // Given by the chain, not by the database: numbers have no gaps.
    .addColumn("number", "integer", (column) => column.primaryKey())
    .addColumn("at", "bigint", required)
    .addColumn("duration_ms", "bigint")
    .addColumn("door", "text", required)
    .addColumn("actor_kind", "text", required)
    .addColumn("actor_id", "text")
    .addColumn("actor_name", "text")
    .addColumn("person_id", "text")
    .addColumn("address", "text")
    .addColumn("action", "text", required)
    .addColumn("environment_id", "integer")
    .addColumn("environment_name", "text")
    .addColumn("target", "text")
    .addColumn("method", "text")
    .addColumn("path", "text")
    .addColumn("outcome", "text", required)
    .addColumn("status", "integer")
    .addColumn("code", "text")
    .addColumn("request_id", "text")
    .addColumn("details", "text", required)
    .addColumn("previous_hash", "text", required)
    .addColumn("hash", "text", required)
    .execute();
  await db.schema.createIndex("audit_entries_by_time").on("audit_entries").column("at").execute();
  await db.schema
    .createIndex("audit_entries_of_environment")
    .on("audit_entries")
    .columns(["environment_id", "number"])
    .execute();
  await db.schema
    .createTable("audit_anchor")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("number", "integer", required)
    .addColumn("hash", "text", required)
    .addColumn("at", "bigint", required)
    .execute();
  await appendOnly(db);
}

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull();

/**
 * A second belt beside the hashes, against slips: no entry changes, and only those that retention has passed go. Triggers are each
 * database's own (PostgreSQL wants functions); whoever means to tamper can drop them, and is found by the hashes.
 */
async function appendOnly(db: Kysely<never>): Promise<void> {
  await sql`CREATE TRIGGER audit_entries_never_change BEFORE UPDATE ON audit_entries
    BEGIN SELECT RAISE(ABORT, 'audit entries never change'); END`.execute(db);
  await sql`CREATE TRIGGER audit_entries_stay BEFORE DELETE ON audit_entries
    WHEN OLD.number > COALESCE((SELECT number FROM audit_anchor WHERE id = 1), 0)
    BEGIN SELECT RAISE(ABORT, 'audit entries stay until their retention ends'); END`.execute(db);
}
