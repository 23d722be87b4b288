import { Group, SegmentedControl, Select, VisuallyHidden } from "@mantine/core";
import { IconLayoutGrid, IconList } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { FilterInput } from "../../ui/filter-input.tsx";
import { FLEET_SORTS, parseSort, sortText } from "./fleet-sort.ts";
import { SavedViewsMenu } from "./saved-views-menu.tsx";
import type { FleetViewState } from "./use-fleet-view.ts";

/** Figures are looked at from the top: most first. */
const DOWNWARDS = new Set(["containers", "cpu", "memory", "disk", "alerts"]);

const SORTS = Object.entries(FLEET_SORTS).map(([id, { label }]) => ({
  value: sortText({ id, desc: DOWNWARDS.has(id) }),
  label: `By ${label === "CPU" ? label : label.toLowerCase()}`,
}));

export interface FleetToolbarProps {
  readonly view: FleetViewState;
  /** A phone shows cards only. */
  readonly isNarrow: boolean;
}

/** What is shown of the fleet: filter, saved views, order, rows or cards. */
export function FleetToolbar({ view, isNarrow }: FleetToolbarProps): ReactNode {
  const { shown, show } = view;
  const asCards = isNarrow || shown.layout === "cards";
  const { id } = parseSort(shown.sort);
  return (
    <Group gap="xs">
      <FilterInput
        label="Filter hosts"
        placeholder="Filter: a word, state:down, label:site=home, policy:read-only, -kind:edge"
        value={shown.filter}
        onChange={(filter) => show({ filter })}
      />
      <SavedViewsMenu view={view} />
      {asCards && (
        <Select
          aria-label="Order of the hosts"
          data={SORTS}
          value={SORTS.find(({ value }) => parseSort(value).id === id)?.value ?? null}
          onChange={(sort) => sort !== null && show({ sort })}
          allowDeselect={false}
          w={160}
        />
      )}
      {!isNarrow && (
        <SegmentedControl
          aria-label="Show hosts as"
          size="xs"
          value={shown.layout}
          onChange={(layout) => show({ layout })}
          data={[
            { value: "rows", label: <Choice icon={<IconList size={17} aria-hidden />} text="Rows" /> },
            { value: "cards", label: <Choice icon={<IconLayoutGrid size={17} aria-hidden />} text="Cards" /> },
          ]}
        />
      )}
    </Group>
  );
}

function Choice({ icon, text }: { readonly icon: ReactNode; readonly text: string }): ReactNode {
  return (
    <span title={text} style={{ display: "flex" }}>
      {icon}
      <VisuallyHidden>{text}</VisuallyHidden>
    </span>
  );
}
