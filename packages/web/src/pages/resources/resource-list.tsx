import { Group, Skeleton, Stack } from "@mantine/core";
import { IconRefresh, IconServer2, type Icon } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useDeferredValue, useMemo } from "react";
import { useSearchText } from "../../app/search-text.ts";
import { type FilterSubject, matchesFilter, parseFilter } from "../../filter/filter.ts";
import { ActionIconButton } from "../../ui/action-button.tsx";
import { DataTable, type DataTableProps } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorNote } from "../../ui/error-note.tsx";
import { count } from "../../ui/format.ts";
import { Page } from "../../ui/page.tsx";
import { FilterBar, type QuickFilter } from "./filter-bar.tsx";
import type { HostLists } from "./host-lists.ts";
import { HostNotes, ReadAge } from "./host-notes.tsx";
import type { SelectedHosts } from "./selected-hosts.ts";

export interface ResourceListProps<Row extends object> extends Pick<
  DataTableProps<Row>,
  "columns" | "rowKey" | "rowLabel" | "defaultSort" | "onOpen" | "selection" | "onSelect"
> {
  readonly title: string;
  /** "image". */
  readonly noun: string;
  readonly icon: Icon;
  readonly hosts: SelectedHosts;
  readonly lists: HostLists<unknown>;
  readonly rows: readonly Row[];
  readonly fields: readonly string[];
  readonly subject: (row: Row) => FilterSubject;
  readonly quick: readonly QuickFilter[];
  readonly actions: ReactNode;
  /** What can be done with what is ticked. */
  readonly selectionActions?: ReactNode;
  /** What else is being read: "Sizes of volumes are being read on attic". */
  readonly note?: ReactNode;
  /** In place of the table, of what the filter leaves. */
  readonly view?: (rows: readonly Row[]) => ReactNode;
  /** Told when there is nothing at all. */
  readonly emptyHint: string;
}

/** A list of things of several hosts: filter, freshness, failures, table. */
export function ResourceList<Row extends object>(props: ResourceListProps<Row>): ReactNode {
  const { title, noun, icon, hosts, lists, rows, fields, subject, quick, actions, selectionActions, note, view } =
    props;
  const [text, setText] = useSearchText("q");
  const deferred = useDeferredValue(text);
  const shown = useMemo(() => {
    const filter = parseFilter(deferred, fields);
    return filter.length === 0 ? rows : rows.filter((row) => matchesFilter(filter, subject(row)));
  }, [rows, deferred, fields, subject]);
  const waiting = !hosts.loaded || (rows.length === 0 && lists.hosts.some(({ reading }) => reading));
  const plural = `${noun}s`;
  return (
    <Page title={title} fill actions={actions}>
      {hosts.error && <ErrorNote error={hosts.error} title="The list of environments cannot be read" />}
      <FilterBar
        text={text}
        onText={setText}
        fields={fields}
        quick={quick}
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
      {note}
      {selectionActions !== undefined && (
        <Group className="fl-card" px="sm" py="xs" gap="xs" style={{ flex: "none" }}>
          {selectionActions}
        </Group>
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
          rowKey={props.rowKey}
          rowLabel={props.rowLabel}
          rowHeight={44}
          {...(props.defaultSort && { defaultSort: props.defaultSort })}
          {...(props.onOpen && { onOpen: props.onOpen })}
          {...(props.selection && { selection: props.selection })}
          {...(props.onSelect && { onSelect: props.onSelect })}
          empty={
            <Nothing hosts={hosts} icon={icon} plural={plural} filtered={rows.length > 0} hint={props.emptyHint} />
          }
        />
      )}
    </Page>
  );
}

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
