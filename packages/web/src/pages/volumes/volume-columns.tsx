import { Badge, Group, Stack, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useActionAllowed } from "../../hub/access.ts";
import { ActionMenuItem } from "../../ui/action-button.tsx";
import { Age } from "../../ui/age.tsx";
import type { DataColumn } from "../../ui/data-table.tsx";
import { formatBytes } from "../../ui/format.ts";
import { RowMenu } from "../resources/row-menu.tsx";
import { HostLink, UsedByCount } from "../resources/used-by.tsx";
import type { VolumeRow } from "./volume-rows.ts";

export function volumeColumns(onRemove: (row: VolumeRow) => void): readonly DataColumn<VolumeRow>[] {
  return [
    {
      id: "name",
      header: "Volume",
      grow: 2,
      sort: ({ volume, anonymous }) => (anonymous ? `~${volume.Name}` : volume.Name),
      cell: (row) => <Name row={row} />,
    },
    {
      id: "size",
      header: "Size",
      width: 92,
      align: "right",
      sort: ({ bytes }) => bytes ?? -1,
      cell: ({ bytes }) => <span className="tabular">{bytes === undefined ? "–" : formatBytes(bytes)}</span>,
    },
    {
      id: "driver",
      header: "Driver",
      width: 90,
      wideOnly: true,
      sort: ({ volume }) => volume.Driver,
      cell: ({ volume }) => volume.Driver,
    },
    {
      id: "used",
      header: "Used by",
      width: 120,
      wideOnly: true,
      sort: ({ users }) => users?.length ?? -1,
      cell: ({ users }) => <UsedByCount users={users} />,
    },
    {
      id: "created",
      header: "Created",
      width: 130,
      wideOnly: true,
      sort: ({ volume }) => volume.CreatedAt ?? "",
      cell: ({ volume }) => <Age at={volume.CreatedAt} fallback="not known" />,
    },
    {
      id: "mountpoint",
      header: "Mountpoint",
      grow: 2,
      wideOnly: true,
      sort: ({ volume }) => volume.Mountpoint,
      cell: ({ volume }) => (
        <span className="mono" title={volume.Mountpoint}>
          {volume.Mountpoint}
        </span>
      ),
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

function Name({ row: { volume, anonymous, environment } }: { readonly row: VolumeRow }): ReactNode {
  return (
    <Stack gap={0} miw={0}>
      <Group gap="xs" wrap="nowrap" miw={0}>
        <Link
          to="/environments/$env/volumes/$volume"
          params={{ env: environment.name, volume: volume.Name }}
          className="fl-link ellipsis"
          title={volume.Name}
        >
          {anonymous ? volume.Name.slice(0, 16) : volume.Name}
        </Link>
        {anonymous && (
          <Badge size="sm" variant="default" tt="none" style={{ flex: "none" }}>
            anonymous
          </Badge>
        )}
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
  readonly row: VolumeRow;
  readonly onRemove: (row: VolumeRow) => void;
}): ReactNode {
  const allowance = useActionAllowed("volume.remove", row.environment);
  return (
    <RowMenu label={`Actions on ${row.volume.Name}`}>
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
