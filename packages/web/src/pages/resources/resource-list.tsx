import { Skeleton, Stack } from "@mantine/core";
import { IconRefresh, IconServer2, IconSparkles, type Icon } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useDeferredValue, useMemo, useState } from "react";
import { useSearchText } from "../../app/search-text.ts";
import { type FilterSubject, matchesFilter, parseFilter } from "../../filter/filter.ts";
import { ActionButton, ActionIconButton } from "../../ui/action-button.tsx";
import { DataTable, type DataTableProps } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorNote } from "../../ui/error-note.tsx";
import { count } from "../../ui/format.ts";
import { Page } from "../../ui/page.tsx";
import { FilterBar, type QuickFilter } from "./filter-bar.tsx";
import { useAnyAllowed } from "./host-choice.tsx";
import type { HostLists } from "./host-lists.ts";
import { HostNotes, ReadAge } from "./host-notes.tsx";
import { PruneDialog } from "./prune-dialog.tsx";
import type { PruneKind } from "./prune-kind.ts";
import { RemoveDialog, type RemoveDialogProps } from "./remove-dialog.tsx";
import type { Removing, ResourceRow } from "./removing.ts";
import type { SelectedHosts } from "./selected-hosts.ts";
import { TickedBar } from "./ticked-bar.tsx";

export interface ResourceListProps<Row extends ResourceRow, Item> extends Pick<
  DataTableProps<Row>,
  "columns" | "rowLabel" | "onOpen"
> {
  readonly title: string;
  readonly icon: Icon;
  readonly hosts: SelectedHosts;
  readonly lists: HostLists<unknown>;
  readonly rows: readonly Row[];
  readonly fields: readonly string[];
  readonly subject: (row: Row) => FilterSubject;
  readonly quick: readonly QuickFilter[];
  readonly removing: Removing<Row>;
  /** What the dialog says that asks before something is removed. */
  readonly removal: Pick<RemoveDialogProps, "noun" | "warning" | "force">;
  /** Who may prune them may remove them. */
  readonly prune: PruneKind<Item>;
  /** Beside Prune. */
  readonly actions: ReactNode;
  /** Before the actions: how the list is shown. */
  readonly viewChoice?: ReactNode;
  /** In place of the table, of what the filter leaves. */
  readonly view?: (rows: readonly Row[]) => ReactNode;
  /** How large a row's thing is, to add up what is ticked. */
  readonly bytesOf?: (row: Row) => number;
  /** What else is being read: "Sizes of volumes are being read on attic". */
  readonly note?: ReactNode;
  /** Told when there is nothing at all. */
  readonly emptyHint: string;
}

/** A list of things of several hosts: filter, freshness, failures, table; what is ticked can be removed, and what nobody uses pruned. */
export function ResourceList<Row extends ResourceRow, Item>(props: ResourceListProps<Row, Item>): ReactNode {
  const { title, icon, hosts, lists, rows, fields, subject, removing, removal, prune, view } = props;
  const { noun, permission } = prune;
  const [text, setText] = useSearchText("q");
  const [pruning, setPruning] = useState(false);
  const deferred = useDeferredValue(text);
  const shown = useMemo(() => {
    const filter = parseFilter(deferred, fields);
    return filter.length === 0 ? rows : rows.filter((row) => matchesFilter(filter, subject(row)));
  }, [rows, deferred, fields, subject]);
  const mayRemove = useAnyAllowed(permission, hosts.selected);
  const waiting = !hosts.loaded || (rows.length === 0 && lists.hosts.some(({ reading }) => reading));
  const plural = `${noun}s`;
  const refresh = (ids?: readonly number[]): void => void lists.refresh(ids);
  return (
    <>
      <Page
        title={title}
        fill
        actions={
          <>
            {props.viewChoice}
            <ActionButton
              variant="default"
              allowance={mayRemove}
              leftSection={<IconSparkles size={16} aria-hidden />}
              onAct={() => setPruning(true)}
            >
              Prune
            </ActionButton>
            {props.actions}
          </>
        }
      >
        {hosts.error && <ErrorNote error={hosts.error} title="The list of environments cannot be read" />}
        <FilterBar
          text={text}
          onText={setText}
          fields={fields}
          quick={props.quick}
          hosts={hosts}
          counted={
            shown.length === rows.length ? count(rows.length, noun) : `${shown.length} of ${count(rows.length, noun)}`
          }
        >
          <ReadAge hosts={lists.hosts} />
          <ActionIconButton label={`Read ${plural} again`} onAct={() => lists.refresh()}>
            <IconRefresh size={16} aria-hidden />
          </ActionIconButton>
        </FilterBar>
        <HostNotes hosts={lists.hosts} what={plural} />
        {props.note}
        {removing.tickedRows.length > 0 && !view && (
          <TickedBar noun={noun} permission={permission} removing={removing} bytesOf={props.bytesOf} />
        )}
        {waiting ? (
          <Stack gap="xs" aria-label={`Reading ${plural}`} aria-busy>
            {Array.from({ length: 8 }, (_, index) => (
              <Skeleton key={index} h={38} />
            ))}
          </Stack>
        ) : view && shown.length > 0 ? (
          view(shown)
        ) : (
          <DataTable
            label={title}
            rows={shown}
            columns={props.columns}
            rowKey={rowKey}
            rowLabel={props.rowLabel}
            rowHeight={44}
            defaultSort={BY_NAME}
            {...(props.onOpen && { onOpen: props.onOpen })}
            selection={removing.tickedKeys}
            onSelect={removing.tick}
            empty={
              <Nothing hosts={hosts} icon={icon} plural={plural} filtered={rows.length > 0} hint={props.emptyHint} />
            }
          />
        )}
      </Page>
      <RemoveDialog
        {...removal}
        removals={removing.removals}
        onClose={removing.close}
        onRemoved={(removed) => {
          removing.tick(new Set());
          refresh(removed.map(({ environment }) => environment.id));
        }}
      />
      <PruneDialog
        opened={pruning}
        kind={prune}
        environments={hosts.selected}
        onClose={() => setPruning(false)}
        onPruned={refresh}
      />
    </>
  );
}

const BY_NAME = { id: "name" };
const rowKey = ({ key }: ResourceRow): string => key;

interface NothingProps {
  readonly hosts: SelectedHosts;
  readonly icon: Icon;
  readonly plural: string;
  readonly filtered: boolean;
  readonly hint: string;
}

function Nothing({ hosts, icon, plural, filtered, hint }: NothingProps): ReactNode {
  if (hosts.all.length === 0) {
    return (
      <EmptyState icon={IconServer2} title="No hosts yet">
        <Link to="/settings/$section" params={{ section: "environments" }} className="fl-link">
          Add an environment
        </Link>{" "}
        to see its {plural} here.
      </EmptyState>
    );
  }
  if (hosts.selected.length === 0) {
    return (
      <EmptyState icon={IconServer2} title={`No host is called ${hosts.name}`}>
        It was removed or renamed, or you may not see it. Choose another host above.
      </EmptyState>
    );
  }
  return filtered ? (
    <EmptyState icon={icon} title={`No ${plural} match the filter`}>
      Take a word of the filter away, or choose all hosts.
    </EmptyState>
  ) : (
    <EmptyState icon={icon} title={`No ${plural}`}>
      {hint}
    </EmptyState>
  );
}
