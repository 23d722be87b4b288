import { Button, Code, Group, Text } from "@mantine/core";
import { IconArrowDown } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { count, formatBytes } from "../../ui/format.ts";
import { type Store, useStore } from "../../hub/store.ts";
import { StateMark } from "../../ui/state-mark.tsx";
import type { ReadingMode } from "./log-lines.tsx";
import type { LogSource } from "./log-view.tsx";
import { describeSource } from "./source-state.ts";
import type { LogSnapshot } from "./worker/log-messages.ts";

export interface LogStatusProps {
  readonly snapshots: Store<LogSnapshot | undefined>;
  readonly sources: readonly LogSource[];
  readonly mode: ReadingMode;
  readonly isPaused: boolean;
  readonly onFollow: () => void;
  readonly onRetryOlder: () => void;
}

/** Under the lines: how many there are, how the log stands, and the way back to its end. */
export function LogStatus({ snapshots, sources, mode, isPaused, onFollow, onRetryOlder }: LogStatusProps): ReactNode {
  const snapshot = useStore(snapshots);
  const arrived = snapshot?.arrived ?? 0;
  const [seen, setSeen] = useState(0);
  useEffect(() => {
    if (mode === "follow" && !isPaused) setSeen(arrived);
  }, [mode, isPaused, arrived]);
  const fresh = Math.max(0, arrived - seen);
  const isAway = mode !== "follow" || isPaused;
  return (
    <Group gap="sm" px="sm" py={4} justify="space-between" style={{ borderTop: "1px solid var(--fl-line)" }}>
      <Group gap="sm" miw={0} fz="xs" c="dimmed">
        <OwnState snapshot={snapshot} sources={sources} isPaused={isPaused} />
        <Text span fz="xs" className="tabular fl-hide-narrow">
          {snapshot ? `${count(snapshot.total, "line")}, ${formatBytes(snapshot.heldBytes)} held` : "Reading the log"}
        </Text>
        {snapshot?.isLoadingOlder === true && (
          <Text span fz="xs">
            Reading older lines
          </Text>
        )}
        {snapshot?.isAtStart === true && (
          <Text span fz="xs" className="fl-hide-narrow">
            {"from the log's start"}
          </Text>
        )}
        {snapshot?.olderError !== undefined && (
          <Text span fz="xs" className="fl-text-bad" role="alert">
            Older lines could not be read. {snapshot.olderError}{" "}
            <Button size="compact-xs" variant="default" onClick={onRetryOlder}>
              Try again
            </Button>
          </Text>
        )}
      </Group>
      {isAway ? (
        <Button size="compact-xs" leftSection={<IconArrowDown size={13} aria-hidden />} onClick={onFollow}>
          {fresh > 0 ? count(fresh, "new line") : "Follow"}
        </Button>
      ) : (
        <Text fz="xs" c="dimmed">
          Following
        </Text>
      )}
    </Group>
  );
}

function OwnState({
  snapshot,
  sources,
  isPaused,
}: Pick<LogStatusProps, "sources" | "isPaused"> & {
  readonly snapshot: LogSnapshot | undefined;
}): ReactNode {
  const states = Object.values(snapshot?.sources ?? {});
  const [state] = states;
  if (isPaused) return <StateMark tone="warn">Paused: nothing is read until you continue</StateMark>;
  if (sources.length === 1) {
    const { tone, word, why } = describeSource(state);
    return (
      <StateMark tone={tone} title={why ?? ""}>
        {word}
        {state?.kind === "failed" ? (
          <>
            : {state.message} <Code>{state.code}</Code>
          </>
        ) : (
          state?.kind === "away" && `: ${why}`
        )}
      </StateMark>
    );
  }
  const live = states.filter(({ kind }) => kind === "live").length;
  return (
    <StateMark tone={live === states.length ? "good" : "warn"}>
      {live} of {sources.length} live
    </StateMark>
  );
}
