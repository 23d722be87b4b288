import { Badge, Group, Stack, Text } from "@mantine/core";
import type { EnvironmentPermission } from "@fairlead/protocol";
import type { Environment } from "@fairlead/protocol/rest";
import { IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { UsingContainer } from "../../docker/using-container.ts";
import { useActionAllowed } from "../../hub/access.ts";
import { ActionMenuItem } from "../../ui/action-button.tsx";
import type { DataColumn } from "../../ui/data-table.tsx";
import { HostLink } from "../environment/host-link.tsx";
import type { ResourceRow } from "./removing.ts";
import { UsedByCount } from "./used-by.tsx";

interface UsedRow {
  /** Undefined: the host's containers are not known. */
  readonly users: readonly UsingContainer[] | undefined;
}

/** How many containers use it. */
export const USED_BY_COLUMN: DataColumn<UsedRow> = {
  id: "used",
  header: "Used by",
  width: 120,
  wideOnly: true,
  sort: ({ users }) => users?.length ?? -1,
  cell: ({ users }) => <UsedByCount users={users} />,
};

export const HOST_COLUMN: DataColumn<ResourceRow> = {
  id: "host",
  header: "Host",
  width: 150,
  wideOnly: true,
  sort: ({ environment }) => environment.name,
  cell: ({ environment }) => <HostLink name={environment.name} />,
};

interface NameCellProps {
  readonly environment: Environment;
  /** To its page. */
  readonly link: ReactNode;
  /** What is special about it: "dangling". */
  readonly marks: readonly string[];
  /** Between the link and the marks. */
  readonly children?: ReactNode;
}

/** The name in its row; on phones with its host, whose column is left out there. */
export function NameCell({ environment, link, marks, children }: NameCellProps): ReactNode {
  return (
    <Stack gap={0} miw={0}>
      <Group gap="xs" wrap="nowrap" miw={0}>
        {link}
        {children}
        {marks.map((mark) => (
          <Badge key={mark} size="sm" variant="default" tt="none" style={{ flex: "none" }}>
            {mark}
          </Badge>
        ))}
      </Group>
      <Text fz="xs" c="dimmed" hiddenFrom="sm" className="ellipsis">
        {environment.name}
      </Text>
    </Stack>
  );
}

interface RemoveItemProps {
  readonly permission: EnvironmentPermission;
  readonly environment: Environment;
  /** Why it stays, whoever asks. */
  readonly stays?: string | undefined;
  readonly onRemove: () => void;
}

/** The line of a row's menu that removes it. */
export function RemoveItem({ permission, environment, stays, onRemove }: RemoveItemProps): ReactNode {
  const allowed = useActionAllowed(permission, environment);
  return (
    <ActionMenuItem
      allowance={stays === undefined ? allowed : { allowed: false, reason: stays }}
      leftSection={<IconTrash size={15} aria-hidden />}
      onAct={onRemove}
    >
      Remove
    </ActionMenuItem>
  );
}
