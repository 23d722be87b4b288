/**
 * The first tables: environments, their agents and tokens, what is last known of each host, history, API tokens.
 *
 * Tables whose rows come in batches over many environments (events, metrics, lights, snapshots, changes) have no foreign
 * key: an environment removed meanwhile must not fail the batch of all the others. Removing an environment deletes their
 * rows, and the start of the hub sweeps up what a late batch left (`environments/store.ts`). Ids are never reused.
 */
import { type ColumnDefinitionBuilder, type Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await environments(db);
  await agents(db);
  await lastKnownState(db);
  await history(db);
  await apiTokens(db);
}

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull();
const identity = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.primaryKey().autoIncrement();
const ofEnvironment = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
  column.notNull().references("environments.id").onDelete("cascade");

async function environments(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("environments")
    .addColumn("id", "integer", identity)
    .addColumn("name", "text", (column) => column.notNull().unique())
    .addColumn("kind", "text", required)
    .addColumn("labels", "text", required)
    .addColumn("address", "text")
    .addColumn("tls", "text")
    .addColumn("sealed_secrets", "text")
    .addColumn("created_at", "bigint", required)
    .execute();
}

async function agents(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("agent_tokens")
    .addColumn("id", "integer", identity)
    .addColumn("environment_id", "integer", ofEnvironment)
    .addColumn("hash", "text", (column) => column.notNull().unique())
    .addColumn("created_at", "bigint", required)
    .addColumn("expires_at", "bigint")
    .addColumn("revoked_at", "bigint")
    .addColumn("last_used_at", "bigint")
    .execute();
  await db.schema
    .createIndex("agent_tokens_of_environment")
    .on("agent_tokens")
    .columns(["environment_id", "id"])
    .execute();
  await db.schema
    .createTable("agents")
    .addColumn("environment_id", "integer", (column) =>
      column.primaryKey().references("environments.id").onDelete("cascade"),
    )
    .addColumn("agent_id", "text", required)
    .addColumn("agent_name", "text", required)
    .addColumn("hostname", "text", required)
    .addColumn("version", "text", required)
    .addColumn("protocol", "text", required)
    .addColumn("docker_version", "text", required)
    .addColumn("capabilities", "text", required)
    .addColumn("address", "text")
    .addColumn("connected_at", "bigint", required)
    .addColumn("disconnected_at", "bigint")
    .execute();
  await db.schema
    .createTable("identity_conflicts")
    .addColumn("environment_id", "integer", (column) =>
      column.primaryKey().references("environments.id").onDelete("cascade"),
    )
    .addColumn("at", "bigint", required)
    .addColumn("attempts", "integer", required)
    .addColumn("refused", "text", required)
    .addColumn("connected", "text", required)
    .execute();
}

async function lastKnownState(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("lights")
    .addColumn("environment_id", "integer", required)
    .addColumn("light", "text", required)
    .addColumn("state", "text", required)
    .addColumn("since", "bigint")
    .addColumn("checked_at", "bigint")
    .addColumn("error", "text")
    .addPrimaryKeyConstraint("lights_key", ["environment_id", "light"])
    .execute();
  await db.schema
    .createTable("snapshots")
    .addColumn("environment_id", "integer", (column) => column.primaryKey())
    .addColumn("at", "bigint", required)
    .addColumn("engine_info", "text", required)
    .addColumn("containers", "text", required)
    .execute();
}

async function history(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("container_events")
    .addColumn("id", "integer", identity)
    .addColumn("environment_id", "integer", required)
    .addColumn("kind", "text", required)
    .addColumn("at", "bigint", required)
    .addColumn("nanoseconds", "integer", required)
    .addColumn("identity", "text", required)
    .addColumn("container_id", "text")
    .addColumn("container_name", "text")
    .addColumn("action", "text")
    .addColumn("body", "text", required)
    .addUniqueConstraint("container_events_once", ["environment_id", "identity"])
    .execute();
  await db.schema
    .createIndex("container_events_of_environment")
    .on("container_events")
    .columns(["environment_id", "at", "nanoseconds", "id"])
    .execute();
  await db.schema
    .createIndex("container_events_by_time")
    .on("container_events")
    .columns(["at", "nanoseconds", "id"])
    .execute();
  for (const table of ["metrics", "metrics_rollups"] as const) {
    const metrics = db.schema
      .createTable(table)
      .addColumn("environment_id", "integer", required)
      .addColumn("at", "bigint", required)
      .addColumn("metrics", "text", required)
      .addPrimaryKeyConstraint(`${table}_key`, ["environment_id", "at"]);
    await (table === "metrics" ? metrics : metrics.addColumn("samples", "integer", required)).execute();
    await db.schema.createIndex(`${table}_by_time`).on(table).column("at").execute();
  }
  await db.schema
    .createTable("changes")
    .addColumn("id", "integer", identity)
    .addColumn("topic", "text", required)
    .addColumn("environment_id", "integer", required)
    .addColumn("at", "bigint", required)
    .addColumn("body", "text", required)
    .execute();
  await db.schema.createIndex("changes_by_time").on("changes").column("at").execute();
}

async function apiTokens(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("api_tokens")
    .addColumn("id", "integer", identity)
    .addColumn("name", "text", (column) => column.notNull().unique())
    .addColumn("hash", "text", (column) => column.notNull().unique())
    .addColumn("created_at", "bigint", required)
    .addColumn("expires_at", "bigint")
    .addColumn("last_used_at", "bigint")
    .execute();
}
