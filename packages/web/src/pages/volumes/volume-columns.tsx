import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Age } from "../../ui/age.tsx";
import type { DataColumn } from "../../ui/data-table.tsx";
import { formatBytes } from "../../ui/format.ts";
import { HOST_COLUMN, NameCell, RemoveItem, USED_BY_COLUMN } from "../resources/columns.tsx";
import { RowMenu } from "../resources/row-menu.tsx";
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
    USED_BY_COLUMN,
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
    HOST_COLUMN,
    {
      id: "actions",
      header: "",
      width: 48,
      cell: (row) => (
        <RowMenu label={`Actions on ${row.volume.Name}`}>
          <RemoveItem permission="volume.remove" environment={row.environment} onRemove={() => onRemove(row)} />
        </RowMenu>
      ),
    },
  ];
}

function Name({ row: { volume, anonymous, environment } }: { readonly row: VolumeRow }): ReactNode {
  return (
    <NameCell
      environment={environment}
      marks={anonymous ? ["anonymous"] : []}
      link={
        <Link
          to="/environments/$env/volumes/$volume"
          params={{ env: environment.name, volume: volume.Name }}
          className="fl-link ellipsis"
          title={volume.Name}
        >
          {anonymous ? volume.Name.slice(0, 16) : volume.Name}
        </Link>
      }
    />
  );
}
