import { Group, Text } from "@mantine/core";
import type { EnvironmentPermission } from "@fairlead/protocol";
import { IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { ActionButton } from "../../ui/action-button.tsx";
import { count, formatBytes } from "../../ui/format.ts";
import { useAnyAllowed } from "./host-choice.tsx";
import type { Removing, ResourceRow } from "./removing.ts";

interface TickedBarProps<Row> {
  /** "image". */
  readonly noun: string;
  /** What removing them needs. */
  readonly permission: EnvironmentPermission;
  readonly removing: Removing<Row>;
  readonly bytesOf: ((row: Row) => number) | undefined;
}

/** How much is ticked, and what can be done with it. */
export function TickedBar<Row extends ResourceRow>(props: TickedBarProps<Row>): ReactNode {
  const { noun, permission, removing, bytesOf } = props;
  const { tickedRows, tick, ask } = removing;
  const mayRemove = useAnyAllowed(
    permission,
    tickedRows.map(({ environment }) => environment),
  );
  return (
    <Group className="fl-card" px="sm" py="xs" gap="xs" style={{ flex: "none" }}>
      <Text fz="sm" fw={550} className="tabular">
        {count(tickedRows.length, noun)} ticked
        {bytesOf && `, ${formatBytes(tickedRows.reduce((sum, row) => sum + bytesOf(row), 0))}`}
      </Text>
      <ActionButton
        size="xs"
        variant="default"
        allowance={mayRemove}
        leftSection={<IconTrash size={14} aria-hidden />}
        onAct={() => ask(tickedRows)}
      >
        Remove
      </ActionButton>
      <ActionButton size="xs" variant="subtle" onAct={() => tick(new Set())}>
        Untick
      </ActionButton>
    </Group>
  );
}
