import type { AuditHead, AuditOutcome } from "@fairlead/protocol/rest";
import type { ExpressionBuilder, SelectQueryBuilder, Transaction } from "kysely";
import { deleteInChunks } from "../database/delete-in-chunks.ts";
import type { Database, Tables } from "../database/schema.ts";
import { entryHash, GENESIS } from "./chain.ts";
import { contentOf } from "./entry.ts";
import type { AuditRow, NewAuditRow } from "./record.ts";

export interface AuditSelection {
  readonly actor?: string;
  /** Whole names, or `container.*`. */
  readonly actions?: readonly string[];
  /** Ids or names. */
  readonly environments?: readonly string[];
  readonly outcomes?: readonly AuditOutcome[];
  /** Unix milliseconds, this one included. */
  readonly since?: number;
  /** Unix milliseconds, before it. */
  readonly until?: number;
  readonly text?: string;
  /** Number of the entry to go on after, in the order asked for. */
  readonly after?: number;
  readonly order: "asc" | "desc";
  readonly limit: number;
}

/** The last entry that retention removed. */
export interface AuditAnchor extends AuditHead {
  /** Unix milliseconds, that entry's. */
  readonly at: number;
}

/** The tables `audit_entries` and `audit_anchor`. */
export class AuditStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Puts entries at the end of the chain, in order, all or none. */
  async append(entries: readonly NewAuditRow[]): Promise<void> {
    await this.#db.transaction().execute((transaction) => appendTo(transaction, entries));
  }

  /** The last entry; of a log without any, where the next one goes on from. */
  head(): Promise<AuditHead> {
    return headOf(this.#db);
  }

  async anchor(): Promise<AuditAnchor | undefined> {
    return this.#db.selectFrom("audit_anchor").select(["number", "hash", "at"]).where("id", "=", 1).executeTakeFirst();
  }

  find(number: number): Promise<AuditRow | undefined> {
    return this.#db.selectFrom("audit_entries").selectAll().where("number", "=", number).executeTakeFirst();
  }

  /** In the order of numbers. */
  async after(number: number, limit: number): Promise<AuditRow[]> {
    return this.#db
      .selectFrom("audit_entries")
      .selectAll()
      .where("number", ">", number)
      .orderBy("number")
      .limit(limit)
      .execute();
  }

  /** The last entry with this action. */
  async lastOf(action: string): Promise<AuditRow | undefined> {
    return this.#db
      .selectFrom("audit_entries")
      .selectAll()
      .where("action", "=", action)
      .orderBy("number", "desc")
      .limit(1)
      .executeTakeFirst();
  }

  async select(selection: AuditSelection): Promise<AuditRow[]> {
    const { after, order, limit } = selection;
    let query = narrowed(this.#db.selectFrom("audit_entries").selectAll(), selection);
    if (after !== undefined) query = query.where("number", order === "asc" ? ">" : "<", after);
    return query.orderBy("number", order).limit(limit).execute();
  }

  /** The last of the oldest entries that are all from before a time: what may go. */
  async lastBefore(before: number): Promise<AuditRow | undefined> {
    const young = await this.#db
      .selectFrom("audit_entries")
      .select("number")
      .where("at", ">=", before)
      .orderBy("number")
      .limit(1)
      .executeTakeFirst();
    let query = this.#db.selectFrom("audit_entries").selectAll();
    if (young) query = query.where("number", "<", young.number);
    return query.orderBy("number", "desc").limit(1).executeTakeFirst();
  }

  /** Moves the log's start behind an entry, and writes `record` of it at the end of the chain. `removePruned` does the rest. */
  async moveAnchor(through: AuditAnchor, record: NewAuditRow): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await appendTo(transaction, [record]);
      const { number, hash, at } = through;
      await transaction
        .insertInto("audit_anchor")
        .values({ id: 1, number, hash, at })
        .onConflict((conflict) => conflict.column("id").doUpdateSet({ number, hash, at }))
        .execute();
    });
  }

  /** Deletes what lies before the log's start. */
  async removePruned(): Promise<number> {
    const { number } = (await this.anchor()) ?? GENESIS;
    return deleteInChunks((limit) =>
      this.#db
        .deleteFrom("audit_entries")
        .where("number", "in", (eb) =>
          eb.selectFrom("audit_entries").select("number").where("number", "<=", number).orderBy("number").limit(limit),
        )
        .executeTakeFirstOrThrow(),
    );
  }
}

async function headOf(db: Database | Transaction<Tables>): Promise<AuditHead> {
  const last = await db
    .selectFrom("audit_entries")
    .select(["number", "hash"])
    .orderBy("number", "desc")
    .limit(1)
    .executeTakeFirst();
  if (last) return last;
  const anchor = await db.selectFrom("audit_anchor").select(["number", "hash"]).where("id", "=", 1).executeTakeFirst();
  return anchor ?? GENESIS;
}

async function appendTo(transaction: Transaction<Tables>, entries: readonly NewAuditRow[]): Promise<void> {
  let { number, hash } = await headOf(transaction);
  for (const entry of entries) {
    number += 1;
    const previousHash = hash;
    hash = entryHash(previousHash, contentOf({ ...entry, number }));
    await transaction
      .insertInto("audit_entries")
      .values({ ...entry, number, previous_hash: previousHash, hash })
      .execute();
  }
}

type EntryQuery = SelectQueryBuilder<Tables, "audit_entries", AuditRow>;

function narrowed(all: EntryQuery, selection: AuditSelection): EntryQuery {
  const { actor, actions, environments, outcomes, since, until, text } = selection;
  let query = all;
  if (since !== undefined) query = query.where("at", ">=", since);
  if (until !== undefined) query = query.where("at", "<", until);
  if (outcomes) query = query.where("outcome", "in", outcomes);
  if (actor !== undefined) {
    query = query.where((eb) =>
      eb.or([
        eb("actor_name", "=", actor),
        eb("actor_id", "=", actor),
        eb("person_id", "=", actor),
        eb(eb.cast<string>("actor_kind", "text"), "=", actor),
      ]),
    );
  }
  if (actions) query = query.where((eb) => eb.or(actions.map((action) => isAction(eb, action))));
  if (environments) {
    query = query.where((eb) =>
      eb.or(
        environments.flatMap((name) => [
          eb("environment_name", "=", name),
          eb(eb.cast<string>("environment_id", "text"), "=", name),
        ]),
      ),
    );
  }
  if (text !== undefined) query = query.where((eb) => eb.or(TEXTS.map((column) => contains(eb, column, text))));
  return query;
}

type Expressions = ExpressionBuilder<Tables, "audit_entries">;
const TEXTS = ["target", "path", "address", "actor_name", "environment_name", "code", "request_id"] as const;

function isAction(eb: Expressions, action: string) {
  if (!action.endsWith(".*")) return eb("action", "=", action);
  const start = action.slice(0, -1);
  return eb(eb.fn<string>("substr", ["action", eb.val(1), eb.val(start.length)]), "=", start);
}

/** `replace` and not `like`: nothing in the text has a meaning, and it is the same in SQLite and PostgreSQL. */
function contains(eb: Expressions, column: (typeof TEXTS)[number], text: string) {
  const lower = eb.fn<string>("lower", [column]);
  return eb(eb.fn<string>("replace", [lower, eb.val(text.toLowerCase()), eb.val("")]), "!=", lower);
}
