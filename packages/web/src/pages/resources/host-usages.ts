import { useMemo } from "react";
import { type UsingContainer, usingContainer } from "../../docker/using-container.ts";
import { useContainers } from "../../hub/containers.ts";
import { type HostUsage, usageOf } from "./usage.ts";

/** Who uses what on each host, by the live list of containers. A host whose containers are not known is not in it. */
export function useHostUsages(): ReadonlyMap<number, HostUsage> {
  const { rows, ages } = useContainers();
  return useMemo(() => {
    const containers = new Map<number, UsingContainer[]>();
    for (const [id, { at }] of ages) if (at !== null) containers.set(id, []);
    for (const { environmentId, container } of rows) containers.get(environmentId)?.push(usingContainer(container));
    return new Map([...containers].map(([id, list]) => [id, usageOf(list)]));
  }, [rows, ages]);
}
