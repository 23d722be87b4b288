import { FairleadError } from "@fairlead/protocol";
import type { DialTls } from "@fairlead/protocol/rest";
import type { Logger } from "pino";
import type { Database, EnvironmentRow, Tables } from "../database/schema.ts";
import type { SecretBox } from "../database/sealed.ts";
import { SQLITE_CONSTRAINT, sqliteErrorCode } from "../database/sqlite-errors.ts";
import type { EnvironmentRecord } from "./record.ts";

/** Tables whose rows belong to an environment without a foreign key (why: migrations/0001-foundation.ts). */
const LOOSE_TABLES = [
  "lights",
  "snapshots",
  "container_events",
  "metrics",
  "metrics_rollups",
] as const satisfies (keyof Tables)[];

const SECRETS_PURPOSE = "environments.sealed_secrets";

interface Secrets {
  token?: string;
  clientKey?: string;
}

export type NewEnvironment = Omit<EnvironmentRecord, "id">;

export class EnvironmentStore {
  readonly #db: Database;
  readonly #secrets: SecretBox;
  readonly #log: Logger;

  constructor(db: Database, secrets: SecretBox, log: Logger) {
    this.#db = db;
    this.#secrets = secrets;
    this.#log = log;
  }

  async list(): Promise<EnvironmentRecord[]> {
    const rows = await this.#db.selectFrom("environments").selectAll().orderBy("name").execute();
    return rows.map((row) => this.#record(row));
  }

  async byId(id: number): Promise<EnvironmentRecord | undefined> {
    const row = await this.#db.selectFrom("environments").selectAll().where("id", "=", id).executeTakeFirst();
    return row && this.#record(row);
  }

  async byName(name: string): Promise<EnvironmentRecord | undefined> {
    const row = await this.#db.selectFrom("environments").selectAll().where("name", "=", name).executeTakeFirst();
    return row && this.#record(row);
  }

  /** @throws FairleadError conflict when the name is taken. */
  async insert(environment: NewEnvironment): Promise<EnvironmentRecord> {
    const row = await this.#db
      .insertInto("environments")
      .values({ ...this.#columns(environment), created_at: environment.createdAt })
      .returningAll()
      .executeTakeFirstOrThrow()
      .catch((error: unknown) => nameTaken(error, environment.name));
    return this.#record(row);
  }

  /** @throws FairleadError conflict when the name is taken, not_found when it is gone. */
  async update(environment: EnvironmentRecord): Promise<void> {
    const { numUpdatedRows } = await this.#db
      .updateTable("environments")
      .set(this.#columns(environment))
      .where("id", "=", environment.id)
      .executeTakeFirst()
      .catch((error: unknown) => nameTaken(error, environment.name));
    if (numUpdatedRows === 0n) throw new FairleadError("not_found", `Environment ${environment.name} was removed.`);
  }

  /** Deletes an environment and everything kept about it. False when it was gone already. */
  async remove(id: number): Promise<boolean> {
    return await this.#db.transaction().execute(async (transaction) => {
      for (const table of LOOSE_TABLES) await transaction.deleteFrom(table).where("environment_id", "=", id).execute();
      const { numDeletedRows } = await transaction.deleteFrom("environments").where("id", "=", id).executeTakeFirst();
      return numDeletedRows > 0n;
    });
  }

  /** Deletes what batches still in memory wrote for environments that were just removed. Called at start. */
  async sweep(): Promise<void> {
    const known = this.#db.selectFrom("environments").select("id");
    for (const table of LOOSE_TABLES) {
      await this.#db.deleteFrom(table).where("environment_id", "not in", known).execute();
    }
  }

  #columns(environment: NewEnvironment): Omit<EnvironmentRow, "id" | "created_at"> {
    const { clientKey, ...tls } = environment.tls ?? {};
    const secrets: Secrets = {
      ...(environment.token === undefined ? {} : { token: environment.token }),
      ...(clientKey === undefined ? {} : { clientKey }),
    };
    return {
      name: environment.name,
      kind: environment.kind,
      labels: JSON.stringify(environment.labels),
      address: environment.address,
      tls: environment.tls === null ? null : JSON.stringify(tls),
      sealed_secrets:
        Object.keys(secrets).length === 0 ? null : this.#secrets.seal(JSON.stringify(secrets), SECRETS_PURPOSE),
    };
  }

  #record(row: EnvironmentRow): EnvironmentRecord {
    const { token, clientKey } = this.#unseal(row);
    const tls = row.tls === null ? null : (JSON.parse(row.tls) as DialTls);
    return {
      id: row.id,
      name: row.name,
      kind: row.kind,
      labels: JSON.parse(row.labels) as Record<string, string>,
      address: row.address,
      tls: tls === null || clientKey === undefined ? tls : { ...tls, clientKey },
      ...(token === undefined ? {} : { token }),
      createdAt: row.created_at,
    };
  }

  #unseal(row: EnvironmentRow): Secrets {
    if (row.sealed_secrets === null) return {};
    const text = this.#secrets.unseal(row.sealed_secrets, SECRETS_PURPOSE);
    if (text !== undefined) return JSON.parse(text) as Secrets;
    // The host stays listed, and dialling it says that it is refused; the other hosts are not held up.
    this.#log.error(
      { environment: row.name },
      "The environment's token or client key cannot be read: secret.key is not the one it was sealed with. Enter them again",
    );
    return {};
  }
}

function nameTaken(error: unknown, name: string): never {
  if (sqliteErrorCode(error) !== SQLITE_CONSTRAINT) throw error;
  throw new FairleadError("conflict", `An environment named ${name} exists already. Choose another name.`, {
    details: { field: "name" },
  });
}
