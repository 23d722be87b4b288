import { Group, Select, type SelectProps, Text } from "@mantine/core";
import { type ReactNode, useMemo, useState } from "react";
import { toneOf } from "../../docker/container-state.ts";
import { type Filter, parseFilter, withTerm } from "../../filter/filter.ts";
import type { ContainerRow } from "../../hub/containers.ts";
import { CONTAINER_FIELDS, type Facet, facetCounts, facetValue, rowMatcher, withoutFacet } from "./container-filter.ts";
import { formatNumber } from "../../ui/format.ts";

export interface FacetFiltersProps {
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly rows: readonly ContainerRow[];
}

const STATES = ["running", "paused", "restarting", "exited", "created", "dead", "removing"];

/** States as buttons, hosts, stacks and health as lists, each with how many it would show. They set terms of the filter. */
export function FacetFilters({ text, onChange, rows }: FacetFiltersProps): ReactNode {
  const filter = useMemo(() => parseFilter(text, CONTAINER_FIELDS), [text]);
  const set = (facet: Facet, value: string | null): void => onChange(withTerm(text, CONTAINER_FIELDS, facet, value));
  return (
    <Group gap="xs">
      <StateChips rows={rows} filter={filter} onSet={(value) => set("state", value)} />
      <div className="fl-facets">
        {(["host", "stack", "health"] as const).map((facet) => (
          <FacetSelect key={facet} facet={facet} rows={rows} filter={filter} onSet={(value) => set(facet, value)} />
        ))}
      </div>
    </Group>
  );
}

interface FacetProps {
  readonly rows: readonly ContainerRow[];
  readonly filter: Filter;
  readonly onSet: (value: string | null) => void;
}

function useMatcher(filter: Filter, facet: Facet): (row: ContainerRow) => boolean {
  return useMemo(() => rowMatcher(withoutFacet(filter, facet)), [filter, facet]);
}

function StateChips({ rows, filter, onSet }: FacetProps): ReactNode {
  const matches = useMatcher(filter, "state");
  const counts = useMemo(() => facetCounts(rows, "state", matches), [rows, matches]);
  const chosen = facetValue(filter, "state");
  const shown = STATES.filter((state) => state === chosen || state === "running" || counts.has(state));
  return (
    <Group gap={6} role="group" aria-label="State">
      {shown.map((state) => (
        <button
          key={state}
          type="button"
          className="fl-chip"
          aria-pressed={state === chosen}
          onClick={() => onSet(state === chosen ? null : state)}
        >
          <span className="fl-dot" data-tone={toneOf({ State: state, Status: "" })} aria-hidden />
          {state}
          <span className="tabular fl-dimmed">{formatNumber(counts.get(state) ?? 0)}</span>
        </button>
      ))}
    </Group>
  );
}

const NAMES: Readonly<Record<Facet, string>> = { state: "State", host: "Host", stack: "Stack", health: "Health" };
/** Options in the page at once; typing narrows them. */
const MAX_OPTIONS = 100;
const collator = new Intl.Collator("en", { numeric: true });

function FacetSelect({ facet, rows, filter, onSet }: FacetProps & { readonly facet: Facet }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const matches = useMatcher(filter, facet);
  const chosen = facetValue(filter, facet);
  // Counted while the list is open only.
  const counts = useMemo(
    () => (isOpen ? facetCounts(rows, facet, matches) : new Map<string, number>()),
    [isOpen, rows, facet, matches],
  );
  const values = useMemo(
    () => [...new Set([...counts.keys(), ...(chosen === null ? [] : [chosen])])].toSorted(collator.compare),
    [counts, chosen],
  );
  const renderOption: SelectProps["renderOption"] = ({ option }) => (
    <Group justify="space-between" wrap="nowrap" gap="sm" w="100%">
      <span className="ellipsis">{option.label}</span>
      <Text span fz="xs" c="dimmed" className="tabular">
        {formatNumber(counts.get(option.value) ?? 0)}
      </Text>
    </Group>
  );
  return (
    <Select
      size="xs"
      w={118}
      aria-label={NAMES[facet]}
      placeholder={NAMES[facet]}
      data={values}
      value={chosen}
      onChange={onSet}
      onDropdownOpen={() => setOpen(true)}
      onDropdownClose={() => setOpen(false)}
      renderOption={renderOption}
      searchable
      clearable={chosen !== null}
      clearButtonProps={{ "aria-label": `Any ${facet}` }}
      limit={MAX_OPTIONS}
      nothingFoundMessage={`No such ${facet}`}
      comboboxProps={{ width: 240, position: "bottom-start" }}
    />
  );
}
