import { Skeleton, Text } from "@mantine/core";
import type { AuditEntry } from "@fairlead/protocol/rest";
import { IconClipboardList } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Age } from "../../../ui/age.tsx";
import { type DataColumn, DataTable } from "../../../ui/data-table.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { StateMark } from "../../../ui/state-mark.tsx";
import type { Tone } from "../../../ui/tone.ts";
import { useNarrow } from "../../../ui/use-narrow.ts";

const TONES: Readonly<Record<AuditEntry["outcome"], Tone>> = {
  started: "warn",
  done: "good",
  refused: "warn",
  failed: "bad",
};

export function actorText({ kind, name, id }: AuditEntry["actor"]): string {
  return name ?? id ?? kind;
}

function targetText({ environment, target }: AuditEntry): string {
  return [environment?.name, target].filter((part) => part !== null && part !== undefined).join(" · ");
}

const COLUMNS: readonly DataColumn<AuditEntry>[] = [
  { id: "at", header: "When", width: 110, cell: ({ at }) => <Age at={at} /> },
  { id: "actor", header: "Who", grow: 1, cell: ({ actor }) => actorText(actor) },
  { id: "action", header: "What", grow: 1, cell: ({ action }) => <span className="mono">{action}</span> },
  { id: "target", header: "On", grow: 1.4, cell: targetText },
  {
    id: "outcome",
    header: "Outcome",
    width: 170,
    cell: ({ outcome, code }) => (
      <StateMark tone={TONES[outcome]}>
        {outcome}
        {code !== null && (
          <Text span fz="xs" c="dimmed">
            {" "}
            {code}
          </Text>
        )}
      </StateMark>
    ),
  },
];

/** On phones: what was done to what, and under it who did it and when. */
const NARROW_COLUMNS: readonly DataColumn<AuditEntry>[] = [
  {
    id: "entry",
    header: "Entry",
    cell: (entry) => (
      <div className="fl-two-lines">
        <span className="ellipsis">
          <span className="mono">{entry.action}</span> <span className="fl-dimmed">{targetText(entry)}</span>
        </span>
        <span className="fl-status">
          <StateMark tone={TONES[entry.outcome]}>{entry.outcome}</StateMark>
          <span className="fl-dimmed ellipsis">
            {actorText(entry.actor)}, <Age at={entry.at} />
          </span>
        </span>
      </div>
    ),
  },
];

/** Entries, newest first; undefined while they are read. */
export function AuditTable({
  entries,
  onOpen,
}: {
  entries: readonly AuditEntry[] | undefined;
  onOpen: (entry: AuditEntry) => void;
}): ReactNode {
  const isNarrow = useNarrow();
  if (entries === undefined) return <Skeleton h="100%" aria-label="Loading" />;
  return (
    <DataTable
      label="Audit log"
      rows={entries}
      columns={isNarrow ? NARROW_COLUMNS : COLUMNS}
      rowKey={({ number }) => String(number)}
      rowLabel={({ number, action }) => `Entry ${number}, ${action}`}
      rowHeight={isNarrow ? 56 : 36}
      onOpen={onOpen}
      empty={
        <EmptyState icon={IconClipboardList} title="No entries">
          Nothing in the log fits the filter.
        </EmptyState>
      }
    />
  );
}
