import { Group, Stack, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Allowance } from "../../hub/access.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { useNow } from "../../ui/clock.ts";
import { formatDuration, formatTime } from "../../ui/format.ts";
import { SetupLines } from "./setup-lines.tsx";

export interface ShownJoinKey {
  readonly joinKey: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

export interface JoinKeyLinesProps {
  readonly joinKey: ShownJoinKey;
  readonly renew: { readonly allowance: Allowance; readonly onRenew: () => Promise<unknown> };
}

/** A join key within the lines that use it, and until when; once it expired, a way to another one. */
export function JoinKeyLines({ joinKey, renew }: JoinKeyLinesProps): ReactNode {
  const now = useNow();
  const until = Date.parse(joinKey.expiresAt);
  if (until <= now) {
    return (
      <Group className="fl-card" p="sm" justify="space-between">
        <Text fz="sm" role="status">
          The join key expired at {formatTime(until)}. No agent can join with it.
        </Text>
        <ActionButton
          size="xs"
          leftSection={<IconRefresh size={15} aria-hidden />}
          allowance={renew.allowance}
          onAct={renew.onRenew}
        >
          Make a new key
        </ActionButton>
      </Group>
    );
  }
  return (
    <Stack gap="xs">
      <SetupLines secret={{ joinKey: joinKey.joinKey }} />
      <Text fz="sm" c="dimmed">
        The key works once, until <time dateTime={joinKey.expiresAt}>{formatTime(until)}</time>, for another{" "}
        {formatDuration(until - now)}.
      </Text>
    </Stack>
  );
}
