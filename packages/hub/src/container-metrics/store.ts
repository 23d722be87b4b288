import { setImmediate as nextTurn } from "node:timers/promises";
import type { Transaction } from "kysely";
import { deleteInChunks } from "../database/delete-in-chunks.ts";
import type { Database, Tables } from "../database/schema.ts";
import { ROLLUP_SECONDS } from "../metrics/rollup.ts";
import { type FigureSample, packSamples, unpackSamples } from "./packed-samples.ts";
import { rollUpSamples } from "./roll-up-figures.ts";

/** A container at an engine. */
export interface MeasuredContainer {
  readonly environmentId: number;
  /** Full id. */
  readonly id: string;
  readonly name: string;
}

/** Samples of one container from the same 5 minutes, in the order of time. */
export interface SampleChunk {
  readonly container: MeasuredContainer;
  /** Unix seconds, start of the 5 minutes. */
  readonly at: number;
  readonly samples: readonly FigureSample[];
}

/** A container with rows. */
export interface StoredContainer {
  /** Of `metric_containers`. */
  readonly key: number;
  readonly containerId: string;
  /** Unix seconds. */
  readonly firstSeenAt: number;
}

/** Seconds that a row is for. */
export const ROW_SECONDS = { container_metrics: ROLLUP_SECONDS, container_metrics_rollups: 3600 } as const;
type SampleTable = keyof typeof ROW_SECONDS;

/** How exact `last_seen_at` is: without it every chunk would write two rows. */
const SEEN_EXACT_S = 3600;
/** Rows looked up in one statement: about a millisecond. */
const LOOK_UPS_AT_ONCE = 200;
/** Containers of which an hour is rolled up in one transaction: some milliseconds. */
const ROLLED_AT_ONCE = 20;
/** Containers remembered with their number; beyond that all are looked up anew. */
const MAX_KNOWN = 20_000;

interface Known {
  readonly key: number;
  readonly name: string;
  readonly seenAt: number;
}

/** The tables `metric_containers`, `container_metrics` and `container_metrics_rollups`. */
export class ContainerMetricsStore {
  readonly #db: Database;
  readonly #known = new Map<string, Known>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Stores chunks, all or none. Samples of a row that is there already are added to it, each time once. */
  async insert(chunks: readonly SampleChunk[]): Promise<void> {
    if (this.#known.size > MAX_KNOWN) this.#known.clear();
    try {
      await this.#db.transaction().execute(async (trx) => {
        for (const { container, at, samples } of chunks) {
          await insertChunk(trx, await this.#keyOf(trx, container, at), at, samples);
        }
      });
    } catch (error) {
      // Numbers that were given in the transaction are given no longer.
      this.#known.clear();
      throw error;
    }
  }

  /** By full id, or by the name that it was last known by; of several that had a name, the one seen last. */
  async find(environmentId: number, idOrName: string): Promise<StoredContainer | undefined> {
    const row = await this.#db
      .selectFrom("metric_containers")
      .select(["id", "container_id", "first_seen_at"])
      .where("environment_id", "=", environmentId)
      .where((eb) => eb.or([eb("container_id", "=", idOrName), eb("name", "=", idOrName)]))
      .orderBy((eb) => eb.case().when("container_id", "=", idOrName).then(0).else(1).end())
      .orderBy("last_seen_at", "desc")
      .orderBy("id", "desc")
      .executeTakeFirst();
    return row && { key: row.id, containerId: row.container_id, firstSeenAt: row.first_seen_at };
  }

  /** Samples of `from` up to and including `to` (Unix seconds), in order. */
  async select(table: SampleTable, key: number, from: number, to: number): Promise<FigureSample[]> {
    const samples: FigureSample[] = [];
    for (const times of rowTimes(table, from, to)) {
      const rows = await this.#db
        .selectFrom(table)
        .select(["at", "samples"])
        .where("container", "=", key)
        .where("at", "in", times)
        .orderBy("at")
        .execute();
      for (const row of rows) samples.push(...unpackSamples(row.at, row.samples));
    }
    return samples.filter(({ at }) => at >= from && at <= to);
  }

  /** Rolls up the hours that have ended before `before` (Unix seconds) and are not rolled up yet. */
  async rollUp(before: number): Promise<void> {
    const oldest = await this.#firstTime("container_metrics", "asc");
    if (oldest === undefined) return;
    // The last one again: it may have been cut short.
    const last = (await this.#firstTime("container_metrics_rollups", "desc")) ?? 0;
    const hourS = ROW_SECONDS.container_metrics_rollups;
    for (let hour = Math.max(last, oldest - (oldest % hourS)); hour + hourS <= before; hour += hourS) {
      await this.#rollUpHour(hour);
    }
  }

  /** Deletes rows from before `before` (Unix seconds). @returns how many. */
  prune(table: SampleTable, before: number): Promise<number> {
    return deleteInChunks((limit) =>
      this.#db
        .deleteFrom(table)
        .where((eb) =>
          eb(
            eb.refTuple("at", "container"),
            "in",
            eb
              .selectFrom(table)
              .select(["at", "container"])
              .where("at", "<", before)
              .orderBy("at")
              .limit(limit)
              .$asTuple("at", "container"),
          ),
        )
        .executeTakeFirstOrThrow(),
    );
  }

  /** Deletes containers that were last seen before `before` (Unix seconds) and have no rows any longer. */
  async pruneContainers(before: number): Promise<number> {
    const { numDeletedRows } = await this.#db
      .deleteFrom("metric_containers")
      .where("last_seen_at", "<", before - SEEN_EXACT_S)
      .executeTakeFirstOrThrow();
    if (numDeletedRows > 0n) this.#known.clear();
    return Number(numDeletedRows);
  }

  /** Deletes all that is kept of an environment's containers. @param now Unix seconds. */
  async removeEnvironment(environmentId: number, now: number): Promise<void> {
    const containers = await this.#db
      .selectFrom("metric_containers")
      .select(["id", "first_seen_at"])
      .where("environment_id", "=", environmentId)
      .execute();
    for (const { id, first_seen_at: firstSeenAt } of containers) {
      for (const table of ["container_metrics", "container_metrics_rollups"] as const) {
        for (const times of rowTimes(table, firstSeenAt, now)) {
          await this.#db.deleteFrom(table).where("container", "=", id).where("at", "in", times).execute();
          await nextTurn();
        }
      }
      await this.#db.deleteFrom("metric_containers").where("id", "=", id).execute();
    }
    this.#known.clear();
  }

  /** Environments with rows that are not there any longer: removed while their last figures were written. */
  async removedEnvironments(): Promise<number[]> {
    const rows = await this.#db
      .selectFrom("metric_containers")
      .select("environment_id")
      .distinct()
      .where("environment_id", "not in", this.#db.selectFrom("environments").select("id"))
      .execute();
    return rows.map((row) => row.environment_id);
  }

  async #keyOf(trx: Transaction<Tables>, { environmentId, id, name }: MeasuredContainer, at: number): Promise<number> {
    const cacheKey = `${environmentId} ${id}`;
    const known = this.#known.get(cacheKey);
    if (known && known.name === name && at < known.seenAt + SEEN_EXACT_S) return known.key;
    const seenAt = Math.max(at, known?.seenAt ?? 0);
    const { id: key } = await trx
      .insertInto("metric_containers")
      .values({ environment_id: environmentId, container_id: id, name, first_seen_at: at, last_seen_at: seenAt })
      .onConflict((conflict) =>
        conflict.columns(["environment_id", "container_id"]).doUpdateSet({ name, last_seen_at: seenAt }),
      )
      .returning("id")
      .executeTakeFirstOrThrow();
    this.#known.set(cacheKey, { key, name, seenAt });
    return key;
  }

  async #firstTime(table: SampleTable, order: "asc" | "desc"): Promise<number | undefined> {
    return (await this.#db.selectFrom(table).select("at").orderBy("at", order).limit(1).executeTakeFirst())?.at;
  }

  async #rollUpHour(hour: number): Promise<void> {
    const end = hour + ROW_SECONDS.container_metrics_rollups;
    const rolled = this.#db.selectFrom("container_metrics_rollups").select("container").where("at", "=", hour);
    const rows = await this.#db
      .selectFrom("container_metrics")
      .select("container")
      .distinct()
      .where("at", ">=", hour)
      .where("at", "<", end)
      .where("container", "not in", rolled)
      .execute();
    const keys = rows.map(({ container }) => container);
    for (let start = 0; start < keys.length; start += ROLLED_AT_ONCE) {
      await nextTurn();
      await this.#db.transaction().execute(async (trx) => {
        for (const key of keys.slice(start, start + ROLLED_AT_ONCE)) await rollUpHourOf(trx, key, hour, end);
      });
    }
  }
}

async function insertChunk(
  trx: Transaction<Tables>,
  container: number,
  at: number,
  samples: readonly FigureSample[],
): Promise<void> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto("container_metrics")
    .values({ at, container, samples: packSamples(at, samples) })
    .onConflict((conflict) => conflict.columns(["at", "container"]).doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 1n) return;
  // The hub was started anew within the 5 minutes.
  const row = await trx
    .selectFrom("container_metrics")
    .select("samples")
    .where("at", "=", at)
    .where("container", "=", container)
    .executeTakeFirstOrThrow();
  const all = new Map([...unpackSamples(at, row.samples), ...samples].map((sample) => [sample.at, sample]));
  const merged = [...all.values()].toSorted((a, b) => a.at - b.at);
  await trx
    .updateTable("container_metrics")
    .set({ samples: packSamples(at, merged) })
    .where("at", "=", at)
    .where("container", "=", container)
    .execute();
}

async function rollUpHourOf(trx: Transaction<Tables>, container: number, hour: number, end: number): Promise<void> {
  const [times = []] = [...rowTimes("container_metrics", hour, end - 1)];
  const rows = await trx
    .selectFrom("container_metrics")
    .select(["at", "samples"])
    .where("container", "=", container)
    .where("at", "in", times)
    .orderBy("at")
    .execute();
  const rolled = rollUpSamples(rows.flatMap((row) => unpackSamples(row.at, row.samples)));
  await trx
    .insertInto("container_metrics_rollups")
    .values({ at: hour, container, samples: packSamples(hour, rolled) })
    .onConflict((conflict) => conflict.columns(["at", "container"]).doNothing())
    .execute();
}

/** The times of the rows that may hold something from `from` up to `to`, in portions for one statement. */
function* rowTimes(table: SampleTable, from: number, to: number): Generator<number[]> {
  const step = ROW_SECONDS[table];
  let times: number[] = [];
  for (let at = Math.max(0, from - (from % step)); at <= to; at += step) {
    times.push(at);
    if (times.length < LOOK_UPS_AT_ONCE) continue;
    yield times;
    times = [];
  }
  if (times.length > 0) yield times;
}
