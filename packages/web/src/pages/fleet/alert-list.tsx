import { Group, Text, Tooltip } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Alert } from "./alerts.ts";

/** The worst alert of a host, and how many more there are. */
export function WorstAlert({ alerts }: { readonly alerts: readonly Alert[] }): ReactNode {
  const [worst, ...more] = alerts;
  if (worst === undefined) return null;
  return (
    <Tooltip label={<AlertList alerts={alerts} />}>
      <Group gap={6} wrap="nowrap" tabIndex={0} miw={0} className={`fl-text-${worst.tone}`}>
        <IconAlertTriangle size={15} aria-hidden style={{ flex: "none" }} />
        <Text span fz="inherit" className="ellipsis">
          {worst.text}
        </Text>
        {more.length > 0 && (
          <Text span fz="xs" style={{ flex: "none" }} aria-label={`and ${more.length} more`}>
            +{more.length}
          </Text>
        )}
      </Group>
    </Tooltip>
  );
}

/** All of them, worst first. */
export function AlertList({ alerts }: { readonly alerts: readonly Alert[] }): ReactNode {
  return (
    <ul style={{ margin: 0, padding: 0, listStyle: "none" }}>
      {alerts.map(({ kind, text }) => (
        <li key={kind} style={{ overflowWrap: "anywhere" }}>
          {text}
        </li>
      ))}
    </ul>
  );
}
