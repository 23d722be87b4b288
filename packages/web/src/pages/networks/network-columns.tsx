import { Badge, Group, Stack, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useActionAllowed } from "../../hub/access.ts";
import { ActionMenuItem } from "../../ui/action-button.tsx";
import type { DataColumn } from "../../ui/data-table.tsx";
import { shortId } from "../../ui/format.ts";
import { RowMenu } from "../resources/row-menu.tsx";
import { HostLink, UsedByCount } from "../resources/used-by.tsx";
import { type NetworkRow, PREDEFINED_REASON } from "./network-rows.ts";

export function networkColumns(onRemove: (row: NetworkRow) => void): readonly DataColumn<NetworkRow>[] {
  return [
    {
      id: "name",
      header: "Network",
      grow: 2,
      sort: ({ network, predefined }) => (predefined ? `~${network.Name}` : network.Name),
      cell: (row) => <Name row={row} />,
    },
    {
      id: "driver",
      header: "Driver",
      width: 92,
      sort: ({ network }) => network.Driver,
      cell: ({ network }) => network.Driver,
    },
    {
      id: "scope",
      header: "Scope",
      width: 84,
      wideOnly: true,
      sort: ({ network }) => network.Scope,
      cell: ({ network }) => network.Scope,
    },
    {
      id: "subnet",
      header: "Subnet",
      grow: 1.4,
      wideOnly: true,
      sort: ({ subnets }) => subnets[0] ?? "",
      cell: ({ subnets }) => (
        <span className="mono" title={subnets.join("\n")}>
          {subnets.join(", ") || "–"}
        </span>
      ),
    },
    {
      id: "containers",
      header: "Containers",
      width: 124,
      wideOnly: true,
      sort: ({ users }) => users?.length ?? -1,
      cell: ({ users }) => <UsedByCount users={users} />,
    },
    {
      id: "host",
      header: "Host",
      width: 150,
      wideOnly: true,
      sort: ({ environment }) => environment.name,
      cell: ({ environment }) => <HostLink name={environment.name} />,
    },
    { id: "actions", header: "", width: 48, cell: (row) => <Actions row={row} onRemove={onRemove} /> },
  ];
}

/** What a network is beside its driver. */
export function networkMarks({ network, predefined }: Pick<NetworkRow, "network" | "predefined">): readonly string[] {
  return [
    ...(predefined ? ["predefined"] : []),
    ...(network.Internal ? ["internal"] : []),
    ...(network.Attachable ? ["attachable"] : []),
    ...(network.EnableIPv6 ? ["IPv6"] : []),
  ];
}

function Name({ row }: { readonly row: NetworkRow }): ReactNode {
  const { network, environment } = row;
  return (
    <Stack gap={0} miw={0}>
      <Group gap="xs" wrap="nowrap" miw={0}>
        <Link
          to="/environments/$env/networks/$network"
          params={{ env: environment.name, network: shortId(network.Id) }}
          className="fl-link ellipsis"
          title={network.Name}
        >
          {network.Name}
        </Link>
        {networkMarks(row).map((mark) => (
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

function Actions({
  row,
  onRemove,
}: {
  readonly row: NetworkRow;
  readonly onRemove: (row: NetworkRow) => void;
}): ReactNode {
  const allowed = useActionAllowed("network.remove", row.environment);
  const allowance = row.predefined
    ? ({ allowed: false, reason: `${row.network.Name} stays: ${PREDEFINED_REASON}` } as const)
    : allowed;
  return (
    <RowMenu label={`Actions on ${row.network.Name}`}>
      <ActionMenuItem
        allowance={allowance}
        leftSection={<IconTrash size={15} aria-hidden />}
        onAct={() => onRemove(row)}
      >
        Remove
      </ActionMenuItem>
    </RowMenu>
  );
}
