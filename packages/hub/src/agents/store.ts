import { FairleadError } from "@fairlead/protocol";
import type { Insertable, Selectable } from "kysely";
import type { AgentRow, AgentTable, AgentTokenRow, Database, IdentityConflictTable } from "../database/schema.ts";

/** Rows in one statement: 12 values each stay far below SQLite's 32,766 parameters. */
const ROWS_A_STATEMENT = 500;

/** Tokens of one environment that may be valid at a time: each rotation with an overlap leaves one for a while. */
const MAX_VALID_TOKENS = 10;

/** Ended tokens of one environment that are kept, so that an agent with an old one is told that it was revoked. */
const MAX_ENDED_TOKENS = 10;

export interface FoundToken {
  readonly tokenId: number;
  readonly hash: string;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly environmentId: number;
  readonly environmentName: string;
  readonly kind: string;
}

export type ConflictRow = Selectable<IdentityConflictTable>;

/** What agents' comings and goings leave to write: the last state of each environment. */
export interface AgentWrites {
  readonly agents: readonly Insertable<AgentTable>[];
  readonly conflicts: readonly ConflictRow[];
  /** Ids of tokens that were used. */
  readonly usedTokens: readonly number[];
  /** Unix milliseconds. */
  readonly at: number;
}

/** Agent tokens, the agents as they last were, and identity conflicts. */
export class AgentStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  findToken(hash: string): Promise<FoundToken | undefined> {
    return this.#db
      .selectFrom("agent_tokens as token")
      .innerJoin("environments as environment", "environment.id", "token.environment_id")
      .select([
        "token.id as tokenId",
        "token.hash as hash",
        "token.expires_at as expiresAt",
        "token.revoked_at as revokedAt",
        "environment.id as environmentId",
        "environment.name as environmentName",
        "environment.kind as kind",
      ])
      .where("token.hash", "=", hash)
      .executeTakeFirst();
  }

  async insertToken(environmentId: number, hash: string, now: number): Promise<void> {
    await insertToken(this.#db, environmentId, hash, now);
  }

  /**
   * A new token; those valid before end at `until`, or now when it is null.
   *
   * @returns The ids of those that ended now, and until when the longest of the others works.
   * @throws FairleadError conflict when too many are valid.
   */
  rotate(
    environmentId: number,
    hash: string,
    now: number,
    until: number | null,
  ): Promise<{ ended: number[]; previousValidUntil: number | null }> {
    return this.#db.transaction().execute(async (db) => {
      if (until === null) {
        const { ended } = await replaceTokens(db, environmentId, hash, now);
        return { ended, previousValidUntil: null };
      }
      const valid = await validTokens(db, environmentId, now);
      if (valid.length >= MAX_VALID_TOKENS) throw tooManyValid();
      await expireTokens(db, ids(valid.filter((token) => token.expires_at === null)), until);
      await insertToken(db, environmentId, hash, now);
      await purge(db, environmentId, now);
      const ends = valid.map((token) => token.expires_at ?? until);
      return { ended: [], previousValidUntil: ends.length === 0 ? null : Math.max(...ends) };
    });
  }

  /** Ends all tokens of the environment now. @returns the ids of those that were valid. */
  revoke(environmentId: number, now: number): Promise<number[]> {
    return this.#db.transaction().execute(async (db) => {
      const valid = ids(await validTokens(db, environmentId, now));
      await endTokens(db, valid, now);
      return valid;
    });
  }

  /** Newest first. */
  tokensOf(environmentId: number): Promise<AgentTokenRow[]> {
    return this.#db
      .selectFrom("agent_tokens")
      .selectAll()
      .where("environment_id", "=", environmentId)
      .orderBy("id", "desc")
      .execute();
  }

  /** Tokens whose overlap ended after `after` and not after `until`. */
  async expired(after: number, until: number): Promise<number[]> {
    const rows = await this.#db
      .selectFrom("agent_tokens")
      .select("id")
      .where("revoked_at", "is", null)
      .where("expires_at", ">", after)
      .where("expires_at", "<=", until)
      .execute();
    return ids(rows);
  }

  /** When the next overlap ends. */
  async nextExpiry(after: number): Promise<number | null> {
    const row = await this.#db
      .selectFrom("agent_tokens")
      .select(({ fn }) => fn.min("expires_at").as("at"))
      .where("revoked_at", "is", null)
      .where("expires_at", ">", after)
      .executeTakeFirst();
    return row?.at ?? null;
  }

  /** Of each environment the agent that it had last. */
  async lastAgents(): Promise<Map<number, { agentId: string; hostname: string }>> {
    const rows = await this.#db.selectFrom("agents").select(["environment_id", "agent_id", "hostname"]).execute();
    return new Map(rows.map((row) => [row.environment_id, { agentId: row.agent_id, hostname: row.hostname }]));
  }

  agentOf(environmentId: number): Promise<AgentRow | undefined> {
    return this.#db.selectFrom("agents").selectAll().where("environment_id", "=", environmentId).executeTakeFirst();
  }

  /** For the start of the hub: nobody is connected, whatever the last run left. */
  async disconnectAll(now: number): Promise<void> {
    await this.#db.updateTable("agents").set({ disconnected_at: now }).where("disconnected_at", "is", null).execute();
  }

  conflicts(): Promise<ConflictRow[]> {
    return this.#db.selectFrom("identity_conflicts").selectAll().execute();
  }

  async deleteConflict(environmentId: number): Promise<void> {
    await this.#db.deleteFrom("identity_conflicts").where("environment_id", "=", environmentId).execute();
  }

  /** All in one transaction; what belongs to an environment that was removed meanwhile is left out. */
  async write(writes: AgentWrites): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      for (const rows of chunks(writes.agents)) await upsertAgents(db, rows);
      for (const rows of chunks(writes.conflicts)) await upsertConflicts(db, rows);
      for (const used of chunks(writes.usedTokens)) {
        await db.updateTable("agent_tokens").set({ last_used_at: writes.at }).where("id", "in", used).execute();
      }
    });
  }
}

/**
 * A new token in the place of all others, which end now. To be called in a transaction.
 *
 * @returns its id, and the ids of those that ended.
 */
export async function replaceTokens(
  db: Database,
  environmentId: number,
  hash: string,
  now: number,
): Promise<{ tokenId: number; ended: number[] }> {
  const valid = ids(await validTokens(db, environmentId, now));
  await endTokens(db, valid, now);
  const tokenId = await insertToken(db, environmentId, hash, now);
  await purge(db, environmentId, now);
  return { tokenId, ended: valid };
}

/** @returns its id. */
async function insertToken(db: Database, environmentId: number, hash: string, now: number): Promise<number> {
  const { id } = await db
    .insertInto("agent_tokens")
    .values({
      environment_id: environmentId,
      hash,
      created_at: now,
      expires_at: null,
      revoked_at: null,
      last_used_at: null,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

function validTokens(db: Database, environmentId: number, now: number): Promise<AgentTokenRow[]> {
  return db
    .selectFrom("agent_tokens")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("revoked_at", "is", null)
    .where((where) => where.or([where("expires_at", "is", null), where("expires_at", ">", now)]))
    .execute();
}

async function endTokens(db: Database, tokens: number[], now: number): Promise<void> {
  if (tokens.length === 0) return;
  await db.updateTable("agent_tokens").set({ revoked_at: now }).where("id", "in", tokens).execute();
}

async function expireTokens(db: Database, tokens: number[], until: number): Promise<void> {
  if (tokens.length === 0) return;
  await db.updateTable("agent_tokens").set({ expires_at: until }).where("id", "in", tokens).execute();
}

async function purge(db: Database, environmentId: number, now: number): Promise<void> {
  const ended = await db
    .selectFrom("agent_tokens")
    .select("id")
    .where("environment_id", "=", environmentId)
    .where((where) => where.or([where("revoked_at", "is not", null), where("expires_at", "<=", now)]))
    .orderBy("id", "desc")
    .execute();
  const old = ids(ended).slice(MAX_ENDED_TOKENS);
  if (old.length > 0) await db.deleteFrom("agent_tokens").where("id", "in", old).execute();
}

async function upsertAgents(db: Database, rows: readonly Insertable<AgentTable>[]): Promise<void> {
  const values = await ofExisting(db, rows);
  if (values.length === 0) return;
  await db
    .insertInto("agents")
    .values(values)
    .onConflict((conflict) =>
      conflict.column("environment_id").doUpdateSet((row) => ({
        agent_id: row.ref("excluded.agent_id"),
        agent_name: row.ref("excluded.agent_name"),
        hostname: row.ref("excluded.hostname"),
        version: row.ref("excluded.version"),
        protocol: row.ref("excluded.protocol"),
        docker_version: row.ref("excluded.docker_version"),
        capabilities: row.ref("excluded.capabilities"),
        address: row.ref("excluded.address"),
        policy: row.ref("excluded.policy"),
        connected_at: row.ref("excluded.connected_at"),
        disconnected_at: row.ref("excluded.disconnected_at"),
      })),
    )
    .execute();
}

async function upsertConflicts(db: Database, rows: readonly ConflictRow[]): Promise<void> {
  const values = await ofExisting(db, rows);
  if (values.length === 0) return;
  await db
    .insertInto("identity_conflicts")
    .values(values)
    .onConflict((conflict) =>
      conflict.column("environment_id").doUpdateSet((row) => ({
        at: row.ref("excluded.at"),
        attempts: row.ref("excluded.attempts"),
        refused: row.ref("excluded.refused"),
        connected: row.ref("excluded.connected"),
      })),
    )
    .execute();
}

async function ofExisting<Row extends { environment_id: number }>(db: Database, rows: readonly Row[]): Promise<Row[]> {
  const wanted = rows.map((row) => row.environment_id);
  const found = new Set(ids(await db.selectFrom("environments").select("id").where("id", "in", wanted).execute()));
  return rows.filter((row) => found.has(row.environment_id));
}

function* chunks<T>(items: readonly T[]): Iterable<T[]> {
  for (let at = 0; at < items.length; at += ROWS_A_STATEMENT) yield items.slice(at, at + ROWS_A_STATEMENT);
}

function ids(rows: readonly { id: number }[]): number[] {
  return rows.map(({ id }) => id);
}

function tooManyValid(): FairleadError {
  return new FairleadError(
    "conflict",
    `${MAX_VALID_TOKENS} tokens of this environment are still valid. Wait until an overlap ends, or rotate without one, which ends them all.`,
  );
}
