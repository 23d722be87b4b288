import { type EnvironmentPermission, FairleadError } from "@fairlead/protocol";
import { commaList } from "../environments/comma-list.ts";
import type { EnvironmentRecord } from "../environments/record.ts";
import { type EnvironmentService, noSuchEnvironment } from "../environments/service.ts";
import { type Caller, may, mayEverywhere, reaches } from "./caller.ts";
import { demand } from "./service.ts";

/** Each that is not known costs a query. Who means more leaves them out, and means all. */
const MAX_NAMES = 200;

/** Finds environments for those who may use them. One that a caller has no right on is not there for them. */
export class Authorization {
  readonly #environments: Pick<EnvironmentService, "resolve" | "list">;

  constructor(environments: Pick<EnvironmentService, "resolve" | "list">) {
    this.#environments = environments;
  }

  /**
   * The environment with this id or name.
   *
   * @throws FairleadError not_found; forbidden when the caller may do something there, but not this.
   */
  async environment(caller: Caller, permission: EnvironmentPermission, idOrName: string): Promise<EnvironmentRecord> {
    const environment = await this.reachable(caller, idOrName);
    demand(caller, permission, environment);
    return environment;
  }

  /** As `environment`, where the permission is asked for later. @throws FairleadError not_found. */
  async reachable(caller: Caller, idOrName: string): Promise<EnvironmentRecord> {
    const environment = await this.#environments.resolve(idOrName);
    if (!reaches(caller, environment)) throw noSuchEnvironment(idOrName);
    return environment;
  }

  /**
   * The environments that a query names, each once: ids or names, separated by commas. When it names none, all on which the
   * caller has the permission; `undefined` when these are all there are, those to come included.
   *
   * @throws FairleadError not_found; forbidden for one that is named.
   */
  async select(
    caller: Caller,
    permission: EnvironmentPermission,
    names: string | undefined,
  ): Promise<EnvironmentRecord[] | undefined> {
    const list = commaList(names);
    if (list) {
      if (list.length > MAX_NAMES) {
        throw new FairleadError(
          "bad_request",
          `environment names ${list.length} environments, over the limit of ${MAX_NAMES}.`,
          {
            details: { field: "environment" },
          },
        );
      }
      // One may be named by its name and its id.
      const found = new Map<number, EnvironmentRecord>();
      for (const name of list) {
        const environment = await this.environment(caller, permission, name);
        found.set(environment.id, environment);
      }
      return [...found.values()];
    }
    if (mayEverywhere(caller, permission)) return undefined;
    return (await this.#environments.list()).filter((environment) => may(caller, permission, environment));
  }
}
