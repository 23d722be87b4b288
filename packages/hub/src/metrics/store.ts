import type { HostMetrics } from "@fairlead/protocol";
import type { MetricsPoint } from "@fairlead/protocol/rest";
import type { Transaction } from "kysely";
import type { ChangeJournal } from "../changes/change-feed.ts";
import { deleteInChunks } from "../database/delete-in-chunks.ts";
import type { Database, Tables } from "../database/schema.ts";
import { rollUp, ROLLUP_SECONDS, rollupStart } from "./rollup.ts";

export interface Sample {
  readonly environmentId: number;
  /** Unix seconds. */
  readonly at: number;
  readonly metrics: HostMetrics;
}

/** The tables `metrics` and `metrics_rollups`. */
export class MetricsStore {
  readonly #db: Database;
  readonly #journal: ChangeJournal;

  constructor(db: Database, journal: ChangeJournal) {
    this.#db = db;
    this.#journal = journal;
  }

  /** Stores those of a new time, each with its change, and brings their rollups up to date. Returns how many were new. */
  async insert(samples: readonly Sample[]): Promise<number> {
    const stored = await this.#db.transaction().execute(async (trx) => {
      const fresh: Sample[] = [];
      for (const sample of samples) if (await insertOne(sample, trx)) fresh.push(sample);
      for (const { environmentId, at } of rollupsOf(fresh)) await rebuildRollup(environmentId, at, trx);
      const at = Date.now();
      const changes = fresh.map((sample) => ({
        topic: "metrics" as const,
        environment_id: sample.environmentId,
        at,
        body: JSON.stringify(sample),
      }));
      await this.#journal.append(changes, trx);
      return fresh.length;
    });
    if (stored > 0) this.#journal.announce();
    return stored;
  }

  /** Points of `from` up to and including `to` (Unix seconds) in order, at most `limit`. */
  async select(
    resolution: "full" | "5m",
    environmentId: number,
    from: number,
    to: number,
    limit: number,
  ): Promise<MetricsPoint[]> {
    const rows = await this.#db
      .selectFrom(resolution === "full" ? "metrics" : "metrics_rollups")
      .select(["at", "metrics"])
      .where("environment_id", "=", environmentId)
      .where("at", ">=", from)
      .where("at", "<=", to)
      .orderBy("at")
      .limit(limit)
      .execute();
    return rows.map(({ at, metrics }) => ({ at, metrics: JSON.parse(metrics) as HostMetrics }));
  }

  /** Deletes what is from before `before` (Unix seconds). */
  prune(table: "metrics" | "metrics_rollups", before: number): Promise<number> {
    return deleteInChunks((limit) =>
      this.#db
        .deleteFrom(table)
        .where((eb) =>
          eb(
            eb.refTuple("environment_id", "at"),
            "in",
            eb
              .selectFrom(table)
              .select(["environment_id", "at"])
              .where("at", "<", before)
              .orderBy("at")
              .limit(limit)
              .$asTuple("environment_id", "at"),
          ),
        )
        .executeTakeFirstOrThrow(),
    );
  }
}

async function insertOne({ environmentId, at, metrics }: Sample, trx: Transaction<Tables>): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto("metrics")
    .values({ environment_id: environmentId, at, metrics: JSON.stringify(metrics) })
    .onConflict((conflict) => conflict.columns(["environment_id", "at"]).doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

function rollupsOf(samples: readonly Sample[]): { environmentId: number; at: number }[] {
  const rollups = new Map<string, { environmentId: number; at: number }>();
  for (const { environmentId, at } of samples) {
    const start = rollupStart(at);
    rollups.set(`${environmentId} ${start}`, { environmentId, at: start });
  }
  return [...rollups.values()];
}

/** From its samples, which are kept longer than a sample may be late: so late ones count like the others. */
async function rebuildRollup(environmentId: number, at: number, trx: Transaction<Tables>): Promise<void> {
  const rows = await trx
    .selectFrom("metrics")
    .select("metrics")
    .where("environment_id", "=", environmentId)
    .where("at", ">=", at)
    .where("at", "<", at + ROLLUP_SECONDS)
    .orderBy("at")
    .execute();
  const metrics = JSON.stringify(rollUp(rows.map((row) => JSON.parse(row.metrics) as HostMetrics)));
  await trx
    .insertInto("metrics_rollups")
    .values({ environment_id: environmentId, at, samples: rows.length, metrics })
    .onConflict((conflict) => conflict.columns(["environment_id", "at"]).doUpdateSet({ samples: rows.length, metrics }))
    .execute();
}
