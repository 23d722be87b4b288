import type { ContainerRow } from "../../hub/containers.ts";
import type { TerminalTarget } from "./terminal-session.ts";

export function targetOf({ environmentId, environmentName, container, name }: ContainerRow): TerminalTarget {
  return { environmentId, environmentName, containerId: container.Id, name };
}

/** The container that an address names: by its host's name or id, and its own name or the start of its id. */
export function findTarget(rows: readonly ContainerRow[], env: string, container: string): ContainerRow | undefined {
  const inEnvironment = rows.filter(
    ({ environmentId, environmentName }) => environmentName === env || String(environmentId) === env,
  );
  return (
    inEnvironment.find(({ name }) => name === container) ??
    (/^[0-9a-f]{4,64}$/.test(container)
      ? inEnvironment.find(({ container: { Id } }) => Id.startsWith(container))
      : undefined)
  );
}
