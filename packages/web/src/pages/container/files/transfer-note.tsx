import { Button, Group, Progress, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { formatBytes } from "../../../ui/format.ts";
import type { Transfers } from "./use-transfers.ts";

/** How far what is carried is. */
export function TransferNote({ transfers }: { readonly transfers: Transfers }): ReactNode {
  const { current } = transfers;
  return (
    <div role="status">
      {current && (
        <Group className="fl-card" p="xs" gap="sm">
          <Text fz="sm" style={{ flex: 1, minWidth: 160, overflowWrap: "anywhere" }}>
            {current.label}: {formatBytes(current.bytes)}
            {current.totalBytes === undefined ? "" : ` of ${formatBytes(current.totalBytes)}`}
          </Text>
          <Progress
            value={current.totalBytes ? (current.bytes / current.totalBytes) * 100 : 100}
            animated
            w={160}
            aria-label={current.label}
          />
          <Button size="xs" variant="default" onClick={transfers.cancel}>
            Cancel
          </Button>
        </Group>
      )}
    </div>
  );
}
