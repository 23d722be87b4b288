import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { DataColumn } from "../../ui/data-table.tsx";
import { shortId } from "../../ui/format.ts";
import { HOST_COLUMN, NameCell, RemoveItem, USED_BY_COLUMN } from "../resources/columns.tsx";
import { RowMenu } from "../resources/row-menu.tsx";
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
    { ...USED_BY_COLUMN, id: "containers", header: "Containers", width: 124 },
    HOST_COLUMN,
    {
      id: "actions",
      header: "",
      width: 48,
      cell: (row) => (
        <RowMenu label={`Actions on ${row.network.Name}`}>
          <RemoveItem
            permission="network.remove"
            environment={row.environment}
            stays={row.predefined ? `${row.network.Name} stays: ${PREDEFINED_REASON}` : undefined}
            onRemove={() => onRemove(row)}
          />
        </RowMenu>
      ),
    },
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
    <NameCell
      environment={environment}
      marks={networkMarks(row)}
      link={
        <Link
          to="/environments/$env/networks/$network"
          params={{ env: environment.name, network: shortId(network.Id) }}
          className="fl-link ellipsis"
          title={network.Name}
        >
          {network.Name}
        </Link>
      }
    />
  );
}
