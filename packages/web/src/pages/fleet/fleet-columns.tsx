import { Text } from "@mantine/core";
import type { DataColumn } from "../../ui/data-table.tsx";
import { HostLink } from "../environment/host-link.tsx";
import { HostStateMark } from "../environment/host-state-mark.tsx";
import { WorstAlert } from "./alert-list.tsx";
import { ContainerCountsLine } from "./container-counts-line.tsx";
import { FLEET_SORTS } from "./fleet-sort.ts";
import type { FleetRow } from "./fleet-row.ts";
import { HostFigure } from "./host-figure.tsx";
import { HostLabels } from "./host-labels.tsx";
import { HostVersions } from "./host-versions.tsx";

export interface LabelFilter {
  readonly filter: string;
  readonly onToggle: (term: string) => void;
}

/** Two lines a row, and room around them. */
export const FLEET_ROW_HEIGHT = 58;

/** What a row of the fleet shows, from left to right. */
export function fleetColumns(labels: LabelFilter): readonly DataColumn<FleetRow>[] {
  return [
    {
      id: "name",
      header: "Host",
      sort: FLEET_SORTS.name.by,
      grow: 1.3,
      cell: ({ environment }) => (
        <>
          <HostLink name={environment.name} className="ellipsis fl-fleet-host" />
          <HostLabels labels={environment.labels} {...labels} max={2} />
        </>
      ),
    },
    {
      id: "state",
      header: "State",
      sort: FLEET_SORTS.state.by,
      width: 210,
      cell: ({ state }) => (
        <>
          <HostStateMark state={state} />
          {state.reason !== null && (
            <Text fz="xs" c="dimmed" className="ellipsis" title={state.reason}>
              {state.reason}
            </Text>
          )}
        </>
      ),
    },
    {
      id: "containers",
      header: "Containers",
      sort: FLEET_SORTS.containers.by,
      width: 136,
      cell: (row) => <ContainerCountsLine row={row} />,
    },
    ...(["cpu", "memory", "disk"] as const).map((figure) => ({
      id: figure,
      header: FLEET_SORTS[figure].label,
      sort: FLEET_SORTS[figure].by,
      width: 112,
      wideOnly: true,
      cell: ({ environment }: FleetRow) => <HostFigure environment={environment} figure={figure} />,
    })),
    {
      id: "version",
      header: "Versions",
      sort: FLEET_SORTS.version.by,
      width: 150,
      wideOnly: true,
      cell: ({ environment }) => <HostVersions environment={environment} />,
    },
    {
      id: "alerts",
      header: "Alerts",
      sort: FLEET_SORTS.alerts.by,
      grow: 1.3,
      wideOnly: true,
      cell: ({ alerts }) => <WorstAlert alerts={alerts} />,
    },
  ];
}
