import { healthOf, stackOf } from "../../docker/container-state.ts";
import { type Filter, type FilterSubject, matchesFilter } from "../../filter/filter.ts";
import type { ContainerRow } from "../../hub/containers.ts";

/** What may stand before a colon in the filter of containers. */
export const CONTAINER_FIELDS = ["name", "state", "health", "host", "stack", "image", "label", "id"] as const;

type Field = (typeof CONTAINER_FIELDS)[number];

/** Read when a filter asks for them: most ask for none. */
const FIELD_VALUES: Readonly<Record<Field, (row: ContainerRow) => string | readonly string[] | undefined>> = {
  name: ({ name }) => name,
  state: ({ container }) => container.State,
  health: ({ container }) => healthOf(container.Status) ?? "none",
  host: ({ environmentName }) => environmentName,
  stack: ({ container }) => stackOf(container.Labels),
  image: ({ container }) => container.Image,
  // With and without its value.
  label: ({ container }) => Object.entries(container.Labels).flatMap(([label, value]) => [label, `${label}=${value}`]),
  id: ({ container }) => [container.Id, container.Id.slice(0, 12)],
};

/** What words are looked for in. Made once a row: with each key thousands of rows are asked. */
const texts = new WeakMap<ContainerRow, string>();

function textOf(row: ContainerRow): string {
  const known = texts.get(row);
  if (known !== undefined) return known;
  const { name, environmentName, container } = row;
  const text = `${name} ${environmentName} ${stackOf(container.Labels) ?? ""} ${container.Image}`.toLowerCase();
  texts.set(row, text);
  return text;
}

/** A row as the filter sees it. */
class RowSubject implements FilterSubject {
  readonly #row: ContainerRow;

  constructor(row: ContainerRow) {
    this.#row = row;
  }

  get text(): string {
    return textOf(this.#row);
  }

  field(name: string): string | readonly string[] | undefined {
    return FIELD_VALUES[name as Field](this.#row);
  }
}

/** Whether a row matches; each row is asked once, however often lists that hold it come. */
export function rowMatcher(filter: Filter): (row: ContainerRow) => boolean {
  if (filter.length === 0) return () => true;
  const answers = new WeakMap<ContainerRow, boolean>();
  return (row) => {
    const known = answers.get(row);
    if (known !== undefined) return known;
    const answer = matchesFilter(filter, new RowSubject(row));
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
