import { FairleadError } from "@fairlead/protocol";
import type { Selectable } from "kysely";
import type { Database, PasskeyTable, PersonTable, SessionTable } from "../../database/schema.ts";
import { SQLITE_CONSTRAINT, sqliteErrorCode } from "../../database/sqlite-errors.ts";

export type PersonRow = Selectable<PersonTable>;
export type SessionRow = Selectable<SessionTable>;
export type PasskeyRow = Selectable<PasskeyTable>;

/** A person, and what is shown of the ways in. */
export interface PersonOverview extends PersonRow {
  readonly passkeys: number;
  readonly providers: readonly string[];
  readonly lastSeenAt: number | null;
}

/** A session with whose it is. */
export interface OwnedSession extends SessionRow {
  readonly email: string;
  readonly disabled_at: number | null;
}

/** better-auth's name for a password. */
export const PASSWORD_PROVIDER = "credential";

export interface NewPerson {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly passwordHash: string;
}

/** People, their sessions and what they sign in with. Sign-in itself is better-auth's, on the same tables. */
export class PeopleStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async list(): Promise<PersonOverview[]> {
    const people = await this.#db.selectFrom("people").selectAll().orderBy("email").execute();
    return await this.#overviews(people);
  }

  /** By id or by e-mail address. */
  async find(idOrEmail: string): Promise<PersonOverview | undefined> {
    const person = await this.#db
      .selectFrom("people")
      .selectAll()
      .where((where) => where.or([where("id", "=", idOrEmail), where("email", "=", idOrEmail.toLowerCase())]))
      .executeTakeFirst();
    return person && (await this.#overviews([person]))[0];
  }

  async #overviews(people: PersonRow[]): Promise<PersonOverview[]> {
    if (people.length === 0) return [];
    const ids = people.map(({ id }) => id);
    const accounts = await this.#db
      .selectFrom("person_accounts")
      .select(["user_id", "provider_id"])
      .where("user_id", "in", ids)
      .execute();
    const passkeys = await this.#db
      .selectFrom("passkeys")
      .select(({ fn }) => ["user_id", fn.countAll<number>().as("count")])
      .where("user_id", "in", ids)
      .groupBy("user_id")
      .execute();
    const sessions = await this.#db
      .selectFrom("sessions")
      .select(({ fn }) => ["user_id", fn.max("last_seen_at").as("at")])
      .where("user_id", "in", ids)
      .groupBy("user_id")
      .execute();
    return people.map((person) => ({
      ...person,
      providers: accounts.filter((row) => row.user_id === person.id).map((row) => row.provider_id),
      passkeys: passkeys.find((row) => row.user_id === person.id)?.count ?? 0,
      lastSeenAt: sessions.find((row) => row.user_id === person.id)?.at ?? null,
    }));
  }

  /** @throws FairleadError conflict when the address is taken. */
  async insert(person: NewPerson): Promise<void> {
    const { id, name, passwordHash } = person;
    const email = person.email.toLowerCase();
    const now = new Date().toISOString();
    const times = { created_at: now, updated_at: now };
    const account = {
      id,
      user_id: id,
      provider_id: PASSWORD_PROVIDER,
      account_id: id,
      password: passwordHash,
      ...times,
    };
    await this.#db
      .transaction()
      .execute(async (transaction) => {
        await transaction
          .insertInto("people")
          .values({ id, name, email, email_verified: 0, ...times })
          .execute();
        await transaction.insertInto("person_accounts").values(account).execute();
      })
      .catch((error: unknown) => {
        if (sqliteErrorCode(error) !== SQLITE_CONSTRAINT) throw error;
        throw new FairleadError("conflict", `There is a person with the e-mail address ${email} already.`, {
          details: { field: "email" },
        });
      });
  }

  async update(id: string, change: { name?: string; disabled_at?: number | null }): Promise<void> {
    const updated = { ...change, updated_at: new Date().toISOString() };
    await this.#db.updateTable("people").set(updated).where("id", "=", id).execute();
  }

  /** With all that belongs to the person. */
  async remove(id: string): Promise<void> {
    await this.#db.deleteFrom("people").where("id", "=", id).execute();
  }

  async setPassword(id: string, passwordHash: string): Promise<void> {
    const now = new Date().toISOString();
    const account = { id, user_id: id, provider_id: PASSWORD_PROVIDER, account_id: id, password: passwordHash };
    await this.#db
      .insertInto("person_accounts")
      .values({ ...account, created_at: now, updated_at: now })
      .onConflict((conflict) =>
        conflict.columns(["provider_id", "account_id"]).doUpdateSet({ password: passwordHash, updated_at: now }),
      )
      .execute();
  }

  /** Takes TOTP, recovery codes and passkeys away. */
  async removeSecondFactors(id: string): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await transaction.deleteFrom("two_factors").where("user_id", "=", id).execute();
      await transaction.deleteFrom("passkeys").where("user_id", "=", id).execute();
      await transaction.updateTable("people").set({ two_factor_enabled: 0 }).where("id", "=", id).execute();
    });
  }

  passkeys(personId: string): Promise<PasskeyRow[]> {
    return this.#db.selectFrom("passkeys").selectAll().where("user_id", "=", personId).orderBy("created_at").execute();
  }

  /** By the SHA-256 of its token. */
  sessionByHash(hash: string): Promise<OwnedSession | undefined> {
    return this.#db
      .selectFrom("sessions")
      .innerJoin("people", "people.id", "sessions.user_id")
      .selectAll("sessions")
      .select(["people.email", "people.disabled_at"])
      .where("token", "=", hash)
      .executeTakeFirst();
  }

  sessionsOf(personId: string): Promise<SessionRow[]> {
    return this.#db
      .selectFrom("sessions")
      .selectAll()
      .where("user_id", "=", personId)
      .orderBy("created_at", "desc")
      .execute();
  }

  async touchSession(id: string, at: number): Promise<void> {
    await this.#db.updateTable("sessions").set({ last_seen_at: at }).where("id", "=", id).execute();
  }

  /** @returns False when it had ended before. */
  async removeSession(id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db.deleteFrom("sessions").where("id", "=", id).executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** Sessions over their absolute or idle limit. */
  endedSessions(now: number, idleSince: number): Promise<SessionRow[]> {
    return this.#db
      .selectFrom("sessions")
      .selectAll()
      .where((where) =>
        where.or([
          where("expires_at", "<=", new Date(now).toISOString()),
          where("last_seen_at", "<=", idleSince),
          where.and([where("last_seen_at", "is", null), where("created_at", "<=", new Date(idleSince).toISOString())]),
        ]),
      )
      .execute();
  }

  async removeExpiredVerifications(now: number): Promise<void> {
    await this.#db.deleteFrom("verifications").where("expires_at", "<=", new Date(now).toISOString()).execute();
  }
}
