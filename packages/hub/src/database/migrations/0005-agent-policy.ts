import type { Kysely } from "kysely";

/** The policy of an agent's host, as its last hello named it. */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable("agents").addColumn("policy", "text").execute();
}
