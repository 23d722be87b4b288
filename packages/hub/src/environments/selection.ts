import type { EnvironmentRecord } from "./record.ts";
import type { EnvironmentService } from "./service.ts";

/**
 * The environments that a query names, each once: ids or names, separated by commas. `undefined` when it names none: all are meant.
 *
 * @throws FairleadError not_found.
 */
export async function selectEnvironments(
  environments: Pick<EnvironmentService, "resolve">,
  names: string | undefined,
): Promise<EnvironmentRecord[] | undefined> {
  const list = commaList(names);
  if (!list) return undefined;
  const found = await Promise.all(list.map((name) => environments.resolve(name)));
  // One may be named by its name and its id.
  return [...new Map(found.map((environment) => [environment.id, environment])).values()];
}

/** The parts of a comma-separated parameter, each once; `undefined` when there is none. */
export function commaList(text: string | undefined): string[] | undefined {
  const parts = (text ?? "").split(",").map((part) => part.trim());
  const list = [...new Set(parts.filter((part) => part !== ""))];
  return list.length === 0 ? undefined : list;
}
