import { Button, Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useEnvironment } from "../../hub/environments.ts";
import { useNow } from "../../ui/clock.ts";
import { formatDuration } from "../../ui/format.ts";
import { StateMark } from "../../ui/state-mark.tsx";
import { arrivalOf } from "./arrival-text.ts";

export interface ArrivalProps {
  readonly environmentId: number;
  readonly name: string;
  /** The `connectedAt` of the agent before: as long as that one stays, the new one has not come. */
  readonly before?: string | null;
}

/** Waits for a host, and says what of it is there. */
export function Arrival({ environmentId, name, before = null }: ArrivalProps): ReactNode {
  const environment = useEnvironment(environmentId);
  const [began] = useState(Date.now);
  const now = useNow();
  const { tone, text, hint, isThere } = arrivalOf(environment, name, before, now - began);
  return (
    <Stack className="fl-card" p="sm" gap="xs">
      <Group justify="space-between" gap="sm">
        <div role="status" style={{ flex: "1 1 240px", fontWeight: 550 }}>
          <StateMark tone={tone}>{text}</StateMark>
        </div>
        {!isThere && now - began >= 5_000 && (
          <Text span fz="xs" c="dimmed" className="tabular">
            {formatDuration(now - began)}
          </Text>
        )}
        {isThere && (
          <Button component={Link} to={`/environments/${name}`} size="xs">
            To {name}
          </Button>
        )}
      </Group>
      {hint !== undefined && (
        <Text fz="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {hint}
        </Text>
      )}
    </Stack>
  );
}
