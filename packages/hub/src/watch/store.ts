import type { EngineInfo } from "@fairlead/protocol/rest";
import type { Database } from "../database/schema.ts";
import type { LampState } from "./lamp.ts";

export interface HostLights {
  readonly environmentId: number;
  readonly link: LampState;
  readonly engine: LampState;
}

export interface Snapshot {
  readonly environmentId: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly engineInfo: EngineInfo;
  /** JSON of a ContainerSummary[]. */
  readonly containers: string;
}

/** The tables `lights` and `snapshots`. */
export class WatchStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** All lights, by environment. */
  async lights(): Promise<Map<number, Partial<HostLights>>> {
    const rows = await this.#db.selectFrom("lights").selectAll().execute();
    const hosts = new Map<number, Partial<HostLights>>();
    for (const { environment_id: environmentId, light, state, since, checked_at: checkedAt, error } of rows) {
      hosts.set(environmentId, { ...hosts.get(environmentId), [light]: { state, since, checkedAt, error } });
    }
    return hosts;
  }

  async saveLights(hosts: readonly HostLights[]): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      for (const host of hosts) {
        for (const light of ["link", "engine"] as const) {
          const { state, since, checkedAt, error } = host[light];
          const shown = { state, since, checked_at: checkedAt, error };
          await trx
            .insertInto("lights")
            .values({ environment_id: host.environmentId, light, ...shown })
            .onConflict((conflict) => conflict.columns(["environment_id", "light"]).doUpdateSet(shown))
            .execute();
        }
      }
    });
  }

  /** All snapshots without their containers. */
  async snapshotHeads(): Promise<Omit<Snapshot, "containers">[]> {
    const rows = await this.#db.selectFrom("snapshots").select(["environment_id", "at", "engine_info"]).execute();
    return rows.map((row) => ({
      environmentId: row.environment_id,
      at: row.at,
      engineInfo: JSON.parse(row.engine_info) as EngineInfo,
    }));
  }

  async saveSnapshot({ environmentId, at, engineInfo, containers }: Snapshot): Promise<void> {
    const kept = { at, engine_info: JSON.stringify(engineInfo), containers };
    await this.#db
      .insertInto("snapshots")
      .values({ environment_id: environmentId, ...kept })
      .onConflict((conflict) => conflict.column("environment_id").doUpdateSet(kept))
      .execute();
  }

  async containers(environmentId: number): Promise<{ at: number; containers: string } | undefined> {
    return this.#db
      .selectFrom("snapshots")
      .select(["at", "containers"])
      .where("environment_id", "=", environmentId)
      .executeTakeFirst();
  }
}
