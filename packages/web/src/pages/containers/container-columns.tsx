import { stackOf } from "../../docker/container-state.ts";
import type { ContainerRow } from "../../hub/containers.ts";
import { Age } from "../../ui/age.tsx";
import type { DataColumn } from "../../ui/data-table.tsx";
import { CpuCell, HostCell, MemoryCell, NameCell, NarrowCell, PortsCell, StatusCell } from "./container-cells.tsx";
import { ContainerMenu } from "./container-menu.tsx";
import { shortImage } from "./short-image.ts";

type Column = DataColumn<ContainerRow>;

const name = (cell: Column["cell"], grow: number): Column => ({
  id: "name",
  header: "Name",
  cell,
  // The same name is on many hosts.
  sort: (row) => `${row.name} ${row.environmentName}`,
  grow,
});
const menu: Column = { id: "menu", header: "", cell: (row) => <ContainerMenu row={row} />, width: 44 };

/** What runs first, then by how it is. */
const STATES = ["running", "restarting", "paused", "removing", "dead", "exited", "created"];

export const WIDE_COLUMNS: readonly Column[] = [
  name((row) => <NameCell row={row} />, 1.7),
  {
    id: "state",
    header: "State",
    cell: (row) => <StatusCell row={row} />,
    sort: ({ container }) => `${STATES.indexOf(container.State)} ${container.Status.replace(/\d+ \w+/, "")}`,
    grow: 2.5,
  },
  { id: "host", header: "Host", cell: (row) => <HostCell row={row} />, sort: (row) => row.environmentName },
  {
    id: "stack",
    header: "Stack",
    cell: ({ container }) => stackOf(container.Labels) ?? <span className="fl-dimmed">–</span>,
    sort: ({ container }) => stackOf(container.Labels) ?? "",
  },
  {
    id: "image",
    header: "Image",
    cell: ({ container }) => <span title={container.Image}>{shortImage(container.Image)}</span>,
    sort: ({ container }) => container.Image,
    grow: 1.7,
  },
  { id: "cpu", header: "CPU", cell: (row) => <CpuCell row={row} />, width: 68, align: "right" },
  { id: "memory", header: "Memory", cell: (row) => <MemoryCell row={row} />, width: 84, align: "right" },
  { id: "ports", header: "Ports", cell: (row) => <PortsCell row={row} />, grow: 1.7 },
  {
    id: "created",
    header: "Created",
    cell: ({ container }) => <Age at={container.Created * 1000} />,
    sort: ({ container }) => -container.Created,
    width: 108,
  },
  menu,
];

export const NARROW_COLUMNS: readonly Column[] = [name((row) => <NarrowCell row={row} />, 1), menu];
