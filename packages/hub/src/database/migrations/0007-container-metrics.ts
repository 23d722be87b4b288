/**
 * The history of containers' figures: what a host runs by the minute, so rows are many and have to be small. A row holds the
 * packed samples of 5 minutes, or the rollups of an hour, of one container (`container-metrics/packed-samples.ts`), whose number
 * stands for its long id.
 *
 * The time leads the keys: what is written together lies together at the end, and what is too old at the beginning. A container's
 * rows are found all the same, since their times are known. Without SQLite's row numbers no row has its key twice; PostgreSQL has
 * none to leave out.
 *
 * No foreign keys, as the other history (0001).
 */
import { type ColumnDefinitionBuilder, type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("metric_containers")
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("environment_id", "integer", required)
    .addColumn("container_id", "text", required)
    .addColumn("name", "text", required)
    .addColumn("first_seen_at", "bigint", required)
    .addColumn("last_seen_at", "bigint", required)
    .addUniqueConstraint("metric_containers_key", ["environment_id", "container_id"])
    .execute();
  for (const table of ["container_metrics", "container_metrics_rollups"]) {
    await db.schema
      .createTable(table)
      .addColumn("at", "bigint", required)
      .addColumn("container", "integer", required)
      .addColumn("samples", "blob", required)
      .addPrimaryKeyConstraint(`${table}_key`, ["at", "container"])
      .modifyEnd(sql`WITHOUT ROWID`)
      .execute();
  }
}

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull();
