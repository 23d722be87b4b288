import type { FairleadClient } from "@fairlead/api-client";
import { FairleadError } from "@fairlead/protocol";
import type { ContainerSummary, EnvironmentContainers } from "@fairlead/protocol/rest";
import type { ContainerRef } from "./container-log.ts";

export interface ContainerFilter {
  /** Ids or names; empty: all. */
  readonly environments: readonly string[];
  /** Names with `*` and `?`, or beginnings of ids; empty: all. */
  readonly patterns: readonly string[];
  /** Also those that do not run. */
  readonly all: boolean;
}

/** What a command about containers found, and the hosts that do not answer now. */
export interface SelectedContainers {
  readonly containers: readonly ContainerRef[];
  readonly away: readonly EnvironmentContainers[];
}

/** The containers that a command is about, of the hosts that answer. */
export async function selectContainers(client: FairleadClient, filter: ContainerFilter): Promise<SelectedContainers> {
  const items = await client.listContainers({ environments: filter.environments });
  const matches = containerMatcher(filter.patterns);
  const containers = items
    .filter(({ live }) => live)
    .flatMap(({ environment, containers }) =>
      containers
        .filter((container) => filter.all || container.State === "running")
        .map((container) => ({ environment, id: container.Id, name: containerName(container) })),
    )
    .filter(({ id, name }) => matches(id, name));
  return { containers, away: items.filter(({ live }) => !live) };
}

/** Where a command needs at least one. @throws FairleadError not_found saying why there is none. */
export function requireSome({ containers, away }: SelectedContainers, filter: ContainerFilter): void {
  if (containers.length > 0) return;
  const pattern = filter.patterns.length === 0 ? "" : ` named ${filter.patterns.join(" or ")}`;
  const offline =
    away.length === 0 ? "" : ` (no answer from ${away.map(({ environment }) => environment.name).join(", ")})`;
  const hint = filter.all ? "" : "; --all includes stopped ones";
  throw new FairleadError(
    "not_found",
    `No ${filter.all ? "" : "running "}container${pattern} was found${offline}${hint}`,
  );
}

/** The name that people use: without the slash that Docker puts before it, and not that of a link. */
export function containerName({ Names, Id }: Pick<ContainerSummary, "Names" | "Id">): string {
  const names = Names.map((name) => name.replace(/^\//, ""));
  return names.find((name) => !name.includes("/")) ?? names[0] ?? Id.slice(0, 12);
}

/** Whether an id and name fit one of the patterns; without patterns all do. */
export function containerMatcher(patterns: readonly string[]): (id: string, name: string) => boolean {
  const globs = patterns.map((pattern) => ({ pattern, regex: globToRegExp(pattern) }));
  return (id, name) =>
    globs.length === 0 ||
    globs.some(
      ({ pattern, regex }) => regex.test(name) || (/^[0-9a-f]{4,64}$/.test(pattern) && id.startsWith(pattern)),
    );
}

function globToRegExp(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`);
}
