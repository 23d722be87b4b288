import type { EnvironmentPermission } from "@fairlead/protocol";
import { commaList } from "../environments/comma-list.ts";
import type { EnvironmentRecord } from "../environments/record.ts";
import { type EnvironmentService, noSuchEnvironment } from "../environments/service.ts";
import { type Caller, may, mayEverywhere, reaches } from "./caller.ts";
import { demand } from "./service.ts";

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
      const found = await Promise.all(list.map((name) => this.environment(caller, permission, name)));
      // One may be named by its name and its id.
      return [...new Map(found.map((environment) => [environment.id, environment])).values()];
    }
    if (mayEverywhere(caller, permission)) return undefined;
    return (await this.#environments.list()).filter((environment) => may(caller, permission, environment));
  }
}
