import { Button, Code, Group, Modal, Progress, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useStore } from "../../hub/store.ts";
import { DataTable, type DataColumn } from "../../ui/data-table.tsx";
import { describeError } from "../../ui/error-note.tsx";
import { count, formatNumber } from "../../ui/format.ts";
import { StateMark } from "../../ui/state-mark.tsx";
import type { Tone } from "../../ui/tone.ts";
import { bulkCounts, type BulkItem, type BulkRun } from "./bulk-run.ts";

const TONES: Readonly<Record<BulkItem["state"], Tone>> = {
  waiting: "idle",
  working: "warn",
  done: "good",
  failed: "bad",
  cancelled: "idle",
  skipped: "idle",
};

function Outcome({ state, error, reason }: BulkItem): ReactNode {
  if (state === "skipped") return <StateMark tone={TONES[state]}>left alone: {reason}</StateMark>;
  if (state !== "failed") return <StateMark tone={TONES[state]}>{state}</StateMark>;
  const { message, code } = describeError(error);
  return (
    <StateMark tone="bad" title={message}>
      {code !== undefined && <Code>{code}</Code>} {message}
    </StateMark>
  );
}

/** What needs to be read comes first. */
const ORDER: readonly BulkItem["state"][] = ["failed", "skipped", "working", "waiting", "cancelled", "done"];

const COLUMNS: readonly DataColumn<BulkItem>[] = [
  {
    id: "container",
    header: "Container",
    cell: ({ row }) => (
      <span title={`${row.name} on ${row.environmentName}`}>
        <b>{row.name}</b> on {row.environmentName}
      </span>
    ),
    sort: ({ row }) => row.name,
  },
  {
    id: "outcome",
    header: "Outcome",
    cell: (item) => <Outcome {...item} />,
    sort: ({ state }) => ORDER.indexOf(state),
    grow: 1.6,
  },
];
const rowKey = ({ row }: BulkItem): string => row.key;
const rowLabel = ({ row }: BulkItem): string => `${row.name} on ${row.environmentName}`;

export interface BulkDialogProps {
  readonly run: BulkRun;
  readonly opened: boolean;
  /** Closed while it runs, it goes on. */
  readonly onClose: () => void;
}

/** How a run goes: each container, what failed and why, and what can be done about it. */
export function BulkDialog({ run, opened, onClose }: BulkDialogProps): ReactNode {
  const { items, isRunning } = useStore(run.progress);
  const counts = bulkCounts(items);
  const toDo = items.length - counts.skipped;
  const over = toDo - counts.waiting - counts.working;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      closeOnClickOutside={false}
      size="lg"
      title={`${isRunning ? run.action.doing : run.action.label} ${count(toDo, "container")}`}
    >
      <Stack gap="sm">
        <Progress
          value={toDo === 0 ? 100 : (over / toDo) * 100}
          color={counts.failed > 0 ? "red.9" : "sea"}
          aria-label="How much is over"
        />
        <Text fz="sm" role="status">
          {outcomeText(run, counts, toDo)}
        </Text>
        <div className="fl-bulk-items">
          <DataTable
            label="Outcomes"
            rows={items}
            columns={COLUMNS}
            rowKey={rowKey}
            rowLabel={rowLabel}
            rowHeight={36}
          />
        </div>
        <Group justify="flex-end" gap="xs">
          {counts.waiting > 0 && (
            <Button variant="default" onClick={() => run.cancel()}>
              Cancel the {formatNumber(counts.waiting)} that wait
            </Button>
          )}
          {!isRunning && counts.failed > 0 && (
            <Button variant="default" onClick={() => run.retryFailed()}>
              Try the {formatNumber(counts.failed)} that failed again
            </Button>
          )}
          <Button onClick={onClose} data-autofocus>
            {isRunning ? "Go on in the background" : "Close"}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function outcomeText({ action }: BulkRun, counts: ReturnType<typeof bulkCounts>, toDo: number): string {
  const parts = [
    `${counts.done} of ${toDo} ${action.done}`,
    counts.failed > 0 ? `${counts.failed} failed` : "",
    counts.working > 0 ? `${counts.working} at work` : "",
    counts.cancelled > 0 ? `${counts.cancelled} cancelled` : "",
    counts.skipped > 0 ? `${counts.skipped} left alone` : "",
  ];
  return `${parts.filter((part) => part !== "").join(", ")}.`;
}
