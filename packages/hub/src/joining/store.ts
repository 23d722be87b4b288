import type { JoinedAgent } from "@fairlead/protocol/rest";
import { FairleadError } from "@fairlead/protocol";
import { replaceTokens } from "../agents/store.ts";
import type { Database, JoinKeyRow } from "../database/schema.ts";

/** Join keys of one environment that may be open at a time: more are forgotten ones. */
const MAX_OPEN_KEYS = 10;

/** Ended join keys of one environment that are kept, so that an agent with an old one is told what became of it. */
const MAX_ENDED_KEYS = 10;

export interface Joining {
  /** Of the join key. */
  readonly keyHash: string;
  /** Of the token that the agent gets. */
  readonly tokenHash: string;
  readonly agent: JoinedAgent;
  /** Of the secret that the agent sent along; null: it sent none. */
  readonly attemptHash: string | null;
  /** Unix milliseconds. */
  readonly now: number;
}

/** An agent joined. */
export interface JoinedEnvironment {
  readonly environmentId: number;
  readonly environmentName: string;
  /** Ids of the environment's tokens before, which ended. */
  readonly endedTokens: readonly number[];
}

export class JoinKeyStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** @throws FairleadError conflict when too many are open. */
  async insert(environmentId: number, hash: string, now: number, expiresAt: number): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      const open = await openKeys(db, environmentId, now);
      if (open.length >= MAX_OPEN_KEYS) throw tooManyOpen();
      const ended = { revoked_at: null, used_at: null, used_by: null, attempt_hash: null, token_id: null };
      await db
        .insertInto("join_keys")
        .values({ environment_id: environmentId, hash, created_at: now, expires_at: expiresAt, ...ended })
        .execute();
      await purge(db, environmentId, now);
    });
  }

  /** Newest first. */
  list(environmentId: number): Promise<JoinKeyRow[]> {
    return this.#db
      .selectFrom("join_keys")
      .selectAll()
      .where("environment_id", "=", environmentId)
      .orderBy("id", "desc")
      .execute();
  }

  find(hash: string): Promise<JoinKeyRow | undefined> {
    return this.#db.selectFrom("join_keys").selectAll().where("hash", "=", hash).executeTakeFirst();
  }

  /** Ends those that are open. */
  async revoke(environmentId: number, now: number): Promise<void> {
    await this.#db
      .updateTable("join_keys")
      .set({ revoked_at: now })
      .where("environment_id", "=", environmentId)
      .where("used_at", "is", null)
      .where("revoked_at", "is", null)
      .execute();
  }

  /**
   * Uses the key up and puts the new token in the place of the environment's others, both or neither.
   *
   * @returns undefined when the key is not open: of several who come with it, one joins.
   */
  join(joining: Joining): Promise<JoinedEnvironment | undefined> {
    return this.#db.transaction().execute(async (db) => {
      const key = (await useOpen(db, joining)) ?? (await askedAgain(db, joining));
      if (key === undefined) return undefined;
      const { id, name } = await db
        .selectFrom("environments")
        .select(["id", "name"])
        .where("id", "=", key.environment_id)
        .executeTakeFirstOrThrow();
      const { tokenId, ended } = await replaceTokens(db, id, joining.tokenHash, joining.now);
      await db.updateTable("join_keys").set({ token_id: tokenId }).where("id", "=", key.id).execute();
      return { environmentId: id, environmentName: name, endedTokens: ended };
    });
  }
}

type UsedKey = Pick<JoinKeyRow, "id" | "environment_id">;

function useOpen(db: Database, { keyHash, agent, attemptHash, now }: Joining): Promise<UsedKey | undefined> {
  return db
    .updateTable("join_keys")
    .set({ used_at: now, used_by: JSON.stringify(agent), attempt_hash: attemptHash })
    .where("hash", "=", keyHash)
    .where("used_at", "is", null)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now)
    .returning(["id", "environment_id"])
    .executeTakeFirst();
}

/** The agent that used the key comes back, because its answer was lost: nobody has used the token that was in it. */
async function askedAgain(db: Database, { keyHash, attemptHash }: Joining): Promise<UsedKey | undefined> {
  if (attemptHash === null) return undefined;
  return await db
    .selectFrom("join_keys as key")
    .innerJoin("agent_tokens as token", "token.id", "key.token_id")
    .select(["key.id as id", "key.environment_id as environment_id"])
    .where("key.hash", "=", keyHash)
    .where("key.attempt_hash", "=", attemptHash)
    .where("token.revoked_at", "is", null)
    .where("token.expires_at", "is", null)
    .where("token.last_used_at", "is", null)
    .executeTakeFirst();
}

function openKeys(db: Database, environmentId: number, now: number): Promise<{ id: number }[]> {
  return db
    .selectFrom("join_keys")
    .select("id")
    .where("environment_id", "=", environmentId)
    .where("used_at", "is", null)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now)
    .execute();
}

async function purge(db: Database, environmentId: number, now: number): Promise<void> {
  const ended = await db
    .selectFrom("join_keys")
    .select("id")
    .where("environment_id", "=", environmentId)
    .where((where) =>
      where.or([where("used_at", "is not", null), where("revoked_at", "is not", null), where("expires_at", "<=", now)]),
    )
    .orderBy("id", "desc")
    .execute();
  const old = ended.slice(MAX_ENDED_KEYS).map(({ id }) => id);
  if (old.length > 0) await db.deleteFrom("join_keys").where("id", "in", old).execute();
}

function tooManyOpen(): FairleadError {
  return new FairleadError(
    "conflict",
    `${MAX_OPEN_KEYS} join keys of this environment are open. Use one of them, or revoke them all (fairlead env join-key NAME --revoke).`,
  );
}
