import { Chip, Group } from "@mantine/core";
import { type ReactNode, useMemo } from "react";
import type { Filter } from "../../filter/filter.ts";
import { countActions } from "./event-list.ts";
import { type EventRow, splitAction } from "./event-row.ts";
import { formatNumber } from "../../ui/format.ts";

export interface EventCountsProps {
  readonly rows: readonly EventRow[];
  readonly filter: Filter;
  readonly onToggle: (action: string, on: boolean) => void;
}

/** More kinds than these do not fit, and are rare. */
const MAX_CHIPS = 10;

/** How many events of each action are shown; a click shows those alone. */
export function EventCounts({ rows, filter, onToggle }: EventCountsProps): ReactNode {
  const counts = useMemo(
    () => countActions(rows.flatMap(({ item }) => (item.kind === "event" ? [splitAction(item.event).verb] : []))),
    [rows],
  );
  const chosen = filter.find(({ field, negated }) => field === "action" && !negated)?.values ?? [];
  return (
    <Group gap={6} mih={24} role="group" aria-label="Actions">
      {counts.slice(0, MAX_CHIPS).map(([action, many]) => (
        <Chip
          key={action}
          size="xs"
          variant="outline"
          checked={chosen.length === 1 && chosen[0] === action}
          onChange={(on) => onToggle(action, on)}
        >
          {action} {formatNumber(many)}
        </Chip>
      ))}
    </Group>
  );
}
