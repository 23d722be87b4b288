import type { ContainerRow } from "../../hub/containers.ts";

/** The address of a container's page. */
export function containerPath({ environmentName, container }: ContainerRow, tab?: string): string {
  const path = `/environments/${encodeURIComponent(environmentName)}/containers/${container.Id.slice(0, 12)}`;
  return tab === undefined ? path : `${path}/${tab}`;
}
