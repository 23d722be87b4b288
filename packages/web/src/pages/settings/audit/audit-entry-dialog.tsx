import { Button, Code, Group, Modal, Stack } from "@mantine/core";
import type { AuditEntry } from "@fairlead/protocol/rest";
import { IconPlayerPlay } from "@tabler/icons-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { formatTime } from "../../../ui/format.ts";
import { Properties } from "../../../ui/properties.tsx";
import { actorText } from "./audit-table.tsx";

// The terminal's code is loaded when a session is played.
const ReplayPlayer = lazy(async () => ({ default: (await import("./replay-player.tsx")).ReplayPlayer }));

/** All that an entry says, and the session that was recorded with it. */
export function AuditEntryDialog({
  entry,
  onClose,
}: {
  entry: AuditEntry | undefined;
  onClose: () => void;
}): ReactNode {
  return (
    <Modal opened={entry !== undefined} onClose={onClose} title={entry && `Entry ${entry.number}`} size="xl">
      {entry && <Entry key={entry.number} entry={entry} />}
    </Modal>
  );
}

function Entry({ entry }: { entry: AuditEntry }): ReactNode {
  const [playing, setPlaying] = useState(false);
  const { actor, details } = entry;
  const hasRecording = details["recording"] !== undefined;
  return (
    <Stack gap="md">
      <Properties
        items={[
          ["When", formatTime(Date.parse(entry.at))],
          ["Took", entry.durationMs === null ? undefined : `${entry.durationMs} ms`],
          ["Who", `${actorText(actor)} (${actor.kind})`],
          ["From", entry.address],
          ["By", entry.door],
          ["What", <Code key="action">{entry.action}</Code>],
          ["Host", entry.environment?.name],
          ["On", entry.target],
          [
            "Request",
            entry.path === null ? undefined : <Code key="path">{`${entry.method ?? ""} ${entry.path}`}</Code>,
          ],
          ["Outcome", [entry.outcome, entry.status, entry.code].filter((part) => part !== null).join(" · ")],
          ["Request id", entry.requestId],
          ...Object.entries(details).map(([name, value]) => [name, String(value)] as const),
          ["Hash", <Code key="hash">{entry.hash}</Code>],
        ]}
      />
      {hasRecording && !playing && (
        <Group>
          <Button leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={() => setPlaying(true)}>
            Replay the session
          </Button>
        </Group>
      )}
      {playing && (
        <Suspense fallback="Loading the player…">
          <ReplayPlayer number={entry.number} />
        </Suspense>
      )}
    </Stack>
  );
}
