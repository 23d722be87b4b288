/**
 * People: better-auth's tables (people, sessions, person_accounts, verifications, two_factors, passkeys), with its text ids and
 * ISO 8601 times, one-time links, and device logins.
 */
import type { ColumnDefinitionBuilder, CreateTableBuilder, Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await people(db);
  await secondFactors(db);
  await linksAndDevices(db);
}

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull();
const unique = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull().unique();
const key = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.primaryKey();
const identity = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.primaryKey().autoIncrement();
const person = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
  column.references("people.id").onDelete("cascade");
const ofPerson = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => person(column.notNull());

/** A table of better-auth: it makes the ids. */
function table<T extends string>(db: Kysely<never>, name: T): CreateTableBuilder<T, "id"> {
  return db.schema.createTable(name).addColumn("id", "text", key);
}

async function people(db: Kysely<never>): Promise<void> {
  await table(db, "people")
    .addColumn("name", "text", required)
    .addColumn("email", "text", unique)
    .addColumn("email_verified", "integer", required)
    .addColumn("image", "text")
    .addColumn("two_factor_enabled", "integer")
    .addColumn("created_at", "text", required)
    .addColumn("updated_at", "text", required)
    .addColumn("disabled_at", "bigint")
    .execute();
  await table(db, "sessions")
    .addColumn("user_id", "text", ofPerson)
    .addColumn("token", "text", unique)
    .addColumn("ip_address", "text")
    .addColumn("user_agent", "text")
    .addColumn("created_at", "text", required)
    .addColumn("updated_at", "text", required)
    .addColumn("expires_at", "text", required)
    .addColumn("last_seen_at", "bigint")
    .execute();
  await db.schema.createIndex("sessions_of_person").on("sessions").column("user_id").execute();
  await table(db, "person_accounts")
    .addColumn("user_id", "text", ofPerson)
    .addColumn("provider_id", "text", required)
    .addColumn("account_id", "text", required)
    .addColumn("password", "text")
    .addColumn("access_token", "text")
    .addColumn("refresh_token", "text")
    .addColumn("id_token", "text")
    .addColumn("access_token_expires_at", "text")
    .addColumn("refresh_token_expires_at", "text")
    .addColumn("scope", "text")
    .addColumn("created_at", "text", required)
    .addColumn("updated_at", "text", required)
    .addUniqueConstraint("person_accounts_once", ["provider_id", "account_id"])
    .execute();
  await db.schema.createIndex("accounts_of_person").on("person_accounts").column("user_id").execute();
  await table(db, "verifications")
    .addColumn("identifier", "text", required)
    .addColumn("value", "text", required)
    .addColumn("expires_at", "text", required)
    .addColumn("created_at", "text", required)
    .addColumn("updated_at", "text", required)
    .execute();
  await db.schema.createIndex("verifications_by_identifier").on("verifications").column("identifier").execute();
}

async function secondFactors(db: Kysely<never>): Promise<void> {
  await table(db, "two_factors")
    .addColumn("user_id", "text", ofPerson)
    .addColumn("secret", "text", required)
    .addColumn("backup_codes", "text", required)
    .addColumn("verified", "integer")
    .addColumn("failed_verification_count", "integer")
    .addColumn("locked_until", "text")
    .execute();
  await db.schema.createIndex("two_factors_of_person").on("two_factors").column("user_id").execute();
  await table(db, "passkeys")
    .addColumn("user_id", "text", ofPerson)
    .addColumn("name", "text")
    .addColumn("public_key", "text", required)
    .addColumn("credential_id", "text", unique)
    .addColumn("counter", "integer", required)
    .addColumn("device_type", "text", required)
    .addColumn("backed_up", "integer", required)
    .addColumn("transports", "text")
    .addColumn("aaguid", "text")
    .addColumn("created_at", "text")
    .execute();
  await db.schema.createIndex("passkeys_of_person").on("passkeys").column("user_id").execute();
}

async function linksAndDevices(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("person_links")
    .addColumn("id", "integer", identity)
    .addColumn("kind", "text", required)
    .addColumn("hash", "text", unique)
    .addColumn("email", "text")
    .addColumn("name", "text")
    .addColumn("roles", "text")
    .addColumn("person_id", "text", person)
    .addColumn("created_at", "bigint", required)
    .addColumn("expires_at", "bigint", required)
    .execute();
  await db.schema
    .createTable("device_logins")
    .addColumn("id", "integer", identity)
    .addColumn("device_code_hash", "text", unique)
    .addColumn("user_code_hash", "text", unique)
    .addColumn("hostname", "text", required)
    .addColumn("address", "text", required)
    .addColumn("person_id", "text", person)
    .addColumn("denied", "integer", required)
    .addColumn("polled_at", "bigint")
    .addColumn("created_at", "bigint", required)
    .addColumn("expires_at", "bigint", required)
    .execute();
}
