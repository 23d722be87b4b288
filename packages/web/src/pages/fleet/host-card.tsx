import { Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { memo, type ReactNode } from "react";
import { HostLink } from "../environment/host-link.tsx";
import { HostStateMark } from "../environment/host-state-mark.tsx";
import { ContainerCountsLine } from "./container-counts-line.tsx";
import type { LabelFilter } from "./fleet-columns.tsx";
import type { FleetRow } from "./fleet-row.ts";
import { HostFigure } from "./host-figure.tsx";
import { HostLabels } from "./host-labels.tsx";
import { HostVersions } from "./host-versions.tsx";

/** A host as a card: the same as a row. */
export const HostCard = memo(function HostCard({
  row,
  filter,
  onToggle,
}: { readonly row: FleetRow } & LabelFilter): ReactNode {
  const { environment, state, alerts } = row;
  return (
    <Stack component="li" className="fl-card" p="sm" gap="sm">
      <div>
        <Group justify="space-between" wrap="nowrap" gap="xs">
          <HostLink name={environment.name} className="ellipsis fl-fleet-host" />
          <HostLabels labels={environment.labels} filter={filter} onToggle={onToggle} max={2} />
        </Group>
        <HostStateMark state={state} />
        {state.reason !== null && (
          <Text fz="xs" c="dimmed" lineClamp={2}>
            {state.reason}
          </Text>
        )}
      </div>
      <Group wrap="nowrap" gap="sm" align="flex-start" grow>
        <ContainerCountsLine row={row} />
        <HostVersions environment={environment} />
      </Group>
      <dl className="fl-figures">
        {(["cpu", "memory", "disk"] as const).map((figure) => (
          <div key={figure}>
            <Text component="dt" fz="xs" c="dimmed">
              {{ cpu: "CPU", memory: "Memory", disk: "Disk" }[figure]}
            </Text>
            <dd>
              <HostFigure environment={environment} figure={figure} width={44} />
            </dd>
          </div>
        ))}
      </dl>
      {alerts.length > 0 && (
        <Stack component="ul" gap={2} m={0} p={0} style={{ listStyle: "none" }} aria-label="Alerts">
          {alerts.map(({ kind, tone, text }) => (
            <Group key={kind} component="li" gap={6} wrap="nowrap" className={`fl-text-${tone}`}>
              <IconAlertTriangle size={15} aria-hidden style={{ flex: "none" }} />
              <Text span fz="inherit" lineClamp={2}>
                {text}
              </Text>
            </Group>
          ))}
        </Stack>
      )}
    </Stack>
  );
});
