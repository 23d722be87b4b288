import { healthOf, stackOf } from "../../docker/container-state.ts";
import { type Filter, type FilterSubject, matchesFilter } from "../../filter/filter.ts";
import type { ContainerRow } from "../../hub/containers.ts";

/** What may stand before a colon in the filter of containers. */
export const CONTAINER_FIELDS = ["name", "state", "health", "host", "stack", "image", "label", "id"] as const;

/** A row as the filter sees it. Made once a row: with each key thousands of rows are asked. */
const subjects = new WeakMap<ContainerRow, FilterSubject>();

function subjectOf(row: ContainerRow): FilterSubject {
  const known = subjects.get(row);
  if (known) return known;
  const { name, environmentName, container } = row;
  const stack = stackOf(container.Labels);
  const fields: Record<string, string | readonly string[] | undefined> = {
    name,
    state: container.State,
    health: healthOf(container.Status) ?? "none",
    host: environmentName,
    stack,
    image: container.Image,
    // With and without its value.
    label: Object.entries(container.Labels).flatMap(([label, value]) => [label, `${label}=${value}`]),
    id: [container.Id, container.Id.slice(0, 12)],
  };
  const subject: FilterSubject = {
    text: `${name} ${environmentName} ${stack ?? ""} ${container.Image}`.toLowerCase(),
    field: (field) => fields[field],
  };
  subjects.set(row, subject);
  return subject;
}

/** Whether a row matches; each row is asked once, however often lists that hold it come. */
export function rowMatcher(filter: Filter): (row: ContainerRow) => boolean {
  if (filter.length === 0) return () => true;
  const answers = new WeakMap<ContainerRow, boolean>();
  return (row) => {
    const known = answers.get(row);
    if (known !== undefined) return known;
    const answer = matchesFilter(filter, subjectOf(row));
    answers.set(row, answer);
    return answer;
  };
}

/** A field with few values, which are offered beside the filter. */
export type Facet = "state" | "host" | "stack" | "health";

const VALUES: Readonly<Record<Facet, (row: ContainerRow) => string | undefined>> = {
  state: ({ container }) => container.State,
  host: ({ environmentName }) => environmentName,
  stack: ({ container }) => stackOf(container.Labels),
  health: ({ container }) => healthOf(container.Status),
};

/** The filter without what it asks of this facet: what another of its values would show. */
export function withoutFacet(filter: Filter, facet: Facet): Filter {
  return filter.filter(({ field, negated }) => field !== facet || negated);
}

/** How many of the rows have each value of a facet. */
export function facetCounts(
  rows: readonly ContainerRow[],
  facet: Facet,
  matches: (row: ContainerRow) => boolean,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    if (!matches(row)) continue;
    const value = VALUES[facet](row);
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

/** The one value that the filter asks of a facet; null when it asks for none or for several. */
export function facetValue(filter: Filter, facet: Facet): string | null {
  const terms = filter.filter(({ field, negated }) => field === facet && !negated);
  const [value, ...others] = terms.flatMap(({ values }) => values);
  return value === undefined || others.length > 0 ? null : value;
}
