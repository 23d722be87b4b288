import type { Environment } from "@fairlead/protocol/rest";
import type { ContainersState } from "../../hub/containers.ts";
import { healthOf } from "../../docker/container-state.ts";

/** Containers of one host by state. */
export interface ContainerCounts {
  readonly running: number;
  readonly paused: number;
  readonly stopped: number;
  /** Names; none where containers cannot be listed. */
  readonly unhealthy: readonly string[];
  readonly restarting: readonly string[];
}

/** Counts of every host whose containers are listed, by environment. */
export function countContainers(state: Pick<ContainersState, "rows" | "ages">): ReadonlyMap<number, ContainerCounts> {
  const counts = new Map(
    // A host that was never reached has an empty list, which says nothing.
    [...state.ages.values()]
      .filter(({ live, at }) => live || at !== null)
      .map(({ environmentId: id }) => [
        id,
        { running: 0, paused: 0, stopped: 0, unhealthy: [] as string[], restarting: [] as string[] },
      ]),
  );
  for (const { environmentId, name, container } of state.rows) {
    const of = counts.get(environmentId);
    if (of === undefined) continue;
    if (container.State === "running") of.running += 1;
    else if (container.State === "paused") of.paused += 1;
    else if (container.State === "restarting") of.restarting.push(name);
    else of.stopped += 1;
    if (container.State === "running" && healthOf(container.Status) === "unhealthy") of.unhealthy.push(name);
  }
  return counts;
}

/** Counts of the hub's last look at the engine, for who may not list containers. */
export function countsOfEngine({ engineInfo }: Pick<Environment, "engineInfo">): ContainerCounts | undefined {
  if (engineInfo === null) return undefined;
  const { running, paused, stopped } = engineInfo.containers;
  return { running, paused, stopped, unhealthy: [], restarting: [] };
}
