import type { Filter } from "../../filter/filter.ts";

/** A part of the filter that the hub can look for itself, so that seldom events are found without reading all others. */
export interface NarrowedQuery {
  readonly environments?: readonly string[];
  readonly action?: string;
  readonly container?: string;
}

/** Whole texts only: the hub knows no patterns. `hosts`: those that there are, since the hub refuses others. */
export function narrowedQuery(filter: Filter, hosts: ReadonlySet<string>): NarrowedQuery {
  const whole = (field: string): readonly string[] | undefined =>
    filter.find((term) => term.field === field && !term.negated && term.values.every((value) => !/[*,:\s]/.test(value)))
      ?.values;
  const environments = whole("host")?.filter((name) => hosts.has(name));
  const actions = whole("action");
  const containers = whole("container");
  return {
    ...(environments && environments.length > 0 ? { environments } : {}),
    ...(actions && actions.length > 0 ? { action: actions.join(",") } : {}),
    // In lower case, as the filter has it, only ids are sure to be what is meant.
    ...(containers?.length === 1 && /^[0-9a-f]{12,64}$/.test(containers[0] ?? "")
      ? { container: containers[0] ?? "" }
      : {}),
  };
}
