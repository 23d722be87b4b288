import type { ContainerEvent } from "@fairlead/protocol";
import type { EventItem } from "@fairlead/protocol/rest";
import type { Transaction } from "kysely";
import type { ChangeJournal } from "../changes/change-feed.ts";
import { deleteInChunks } from "../database/delete-in-chunks.ts";
import type { Database, Tables } from "../database/schema.ts";
import type { EventRow, Gap, NewEvent } from "./new-event.ts";

export interface EventSelection {
  /** Ids; absent: all environments. */
  readonly environments?: readonly number[];
  /** Unix milliseconds, this one included. */
  readonly since?: number;
  /** Unix milliseconds, before it. */
  readonly until?: number;
  /** Id of the item to go on after, in the order asked for. */
  readonly after?: number;
  /** Id, its beginning, or name. Gaps are always in: what is missing may be this container's. */
  readonly container?: string;
  readonly actions?: readonly string[];
  readonly order: "asc" | "desc";
  readonly limit: number;
}

/** The table `container_events`. */
export class EventStore {
  readonly #db: Database;
  readonly #journal: ChangeJournal;

  constructor(db: Database, journal: ChangeJournal) {
    this.#db = db;
    this.#journal = journal;
  }

  /** Stores those that are not stored yet, in order, each with its change. Returns these. */
  async insert(events: readonly NewEvent[]): Promise<EventItem[]> {
    const stored = await this.#db.transaction().execute(async (trx) => {
      const items: EventItem[] = [];
      for (const event of events) {
        const id = await this.#insertOne(event, trx);
        if (id !== undefined) items.push(eventItem({ id, ...event }));
      }
      const at = Date.now();
      const changes = items.map((item) => ({
        topic: "event" as const,
        environment_id: item.environmentId,
        at,
        body: JSON.stringify(item),
      }));
      await this.#journal.append(changes, trx);
      return items;
    });
    if (stored.length > 0) this.#journal.announce();
    return stored;
  }

  /** In time order; of one time in the order of storing. */
  async select(selection: EventSelection): Promise<EventItem[]> {
    const { environments, since, until, after, container, actions, order, limit } = selection;
    const cursor = after === undefined ? undefined : await this.#timeOf(after);
    const beyond = order === "asc" ? ">" : "<";
    let query = this.#db.selectFrom("container_events").selectAll();
    if (environments) query = query.where("environment_id", "in", environments);
    if (since !== undefined) query = query.where("at", ">=", since);
    if (until !== undefined) query = query.where("at", "<", until);
    if (cursor) {
      const { at, nanoseconds, id } = cursor;
      query = query.where((eb) => eb(eb.refTuple("at", "nanoseconds", "id"), beyond, eb.tuple(at, nanoseconds, id)));
    } else if (after !== undefined) query = query.where("id", beyond, after);
    if (container !== undefined) {
      query = query.where((eb) =>
        eb.or([
          eb("kind", "=", "gap"),
          eb("container_name", "=", container),
          eb(eb.fn("substr", ["container_id", eb.val(1), eb.val(container.length)]), "=", container),
        ]),
      );
    }
    if (actions) query = query.where((eb) => eb.or([eb("kind", "=", "gap"), eb("action", "in", actions)]));
    const rows = await query
      .orderBy("at", order)
      .orderBy("nanoseconds", order)
      .orderBy("id", order)
      .limit(limit)
      .execute();
    return rows.map(eventItem);
  }

  /** The event of an environment that happened last; `undefined` when there is none, or a gap follows it. */
  async latest(environmentId: number): Promise<ContainerEvent | undefined> {
    const row = await this.#db
      .selectFrom("container_events")
      .select(["kind", "body"])
      .where("environment_id", "=", environmentId)
      .orderBy("at", "desc")
      .orderBy("nanoseconds", "desc")
      .orderBy("id", "desc")
      .limit(1)
      .executeTakeFirst();
    return row?.kind === "event" ? (JSON.parse(row.body) as ContainerEvent) : undefined;
  }

  /** Deletes what happened before `before` (Unix milliseconds). */
  prune(before: number): Promise<number> {
    return deleteInChunks((limit) =>
      this.#db
        .deleteFrom("container_events")
        .where("id", "in", (eb) =>
          eb.selectFrom("container_events").select("id").where("at", "<", before).orderBy("at").limit(limit),
        )
        .executeTakeFirstOrThrow(),
    );
  }

  async #insertOne(event: NewEvent, trx: Transaction<Tables>): Promise<number | undefined> {
    const row = await trx
      .insertInto("container_events")
      .values(event)
      .onConflict((conflict) => conflict.columns(["environment_id", "identity"]).doNothing())
      .returning("id")
      .executeTakeFirst();
    return row?.id;
  }

  /** `undefined` when the item is no longer kept. */
  async #timeOf(id: number): Promise<Pick<EventRow, "at" | "nanoseconds" | "id"> | undefined> {
    return this.#db
      .selectFrom("container_events")
      .select(["at", "nanoseconds", "id"])
      .where("id", "=", id)
      .executeTakeFirst();
  }
}

function eventItem(row: EventRow): EventItem {
  const { id, environment_id: environmentId } = row;
  if (row.kind === "event") {
    return { id, kind: "event", environmentId, event: JSON.parse(row.body) as ContainerEvent };
  }
  const { from, to, reason } = JSON.parse(row.body) as Gap;
  return {
    id,
    kind: "gap",
    environmentId,
    from: from === null ? null : new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    reason,
  };
}
