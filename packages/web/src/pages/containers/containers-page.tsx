import { Button, Code, Group, Text } from "@mantine/core";
import { IconBox, IconFilterOff, IconServer2 } from "@tabler/icons-react";
import { Link, useRouter } from "@tanstack/react-router";
import { type ReactNode, useCallback, useDeferredValue, useMemo, useState } from "react";
import { parseFilter } from "../../filter/filter.ts";
import { type ContainerRow, containers, useContainers } from "../../hub/containers.ts";
import { useStatsProblem } from "../../hub/container-stats.ts";
import { useEnvironments } from "../../hub/environments.ts";
import { DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorNote } from "../../ui/error-note.tsx";
import { Page } from "../../ui/page.tsx";
import { BulkBar } from "./bulk-bar.tsx";
import { Bulk, startBulk, useBulkIsBusy } from "./bulk.tsx";
import { NARROW_COLUMNS, WIDE_COLUMNS } from "./container-columns.tsx";
import { CONTAINER_FIELDS, rowMatcher } from "./container-filter.ts";
import { containerPath } from "./container-path.ts";
import { FacetFilters } from "./facet-filters.tsx";
import { FilterField } from "./filter-field.tsx";
import { StaleHosts } from "./stale-hosts.tsx";
import { useFilterText } from "./use-filter-text.ts";
import { count, formatNumber } from "../../ui/format.ts";
import { useNarrow } from "../../ui/use-narrow.ts";

const EXAMPLES = [
  ["web", "in the name, image, host or stack"],
  ["state:running,paused", "in one of these states"],
  ["health:unhealthy", "healthy, unhealthy, starting, none"],
  ["host:attic -stack:*", "on this host, in no stack"],
  ["image:nginx:*", "of any version of this image"],
  ["label:tier=front", "with this label; label:tier for any value"],
] as const;

const NONE: ReadonlySet<string> = new Set();
const DEFAULT_SORT = { id: "name" };
const rowKey = ({ key }: ContainerRow): string => key;
const rowLabel = ({ name, environmentName }: ContainerRow): string => `${name} on ${environmentName}`;

/** All containers of all hosts. */
export function ContainersPage(): ReactNode {
  const state = useContainers();
  const [text, setText] = useFilterText("q");
  const [selection, setSelection] = useState(NONE);
  const isNarrow = useNarrow();
  const isBusy = useBulkIsBusy();
  const statsProblem = useStatsProblem();
  const router = useRouter();
  const open = useCallback((row: ContainerRow) => void router.navigate({ to: containerPath(row) }), [router]);

  // What is typed comes first; the rows follow when there is time. The first ones do not wait: on a busy machine that can take long.
  const deferred = useDeferredValue(state);
  const { rows, loaded } = deferred.loaded ? deferred : state;
  const asked = useDeferredValue(text);
  const matches = useMemo(() => rowMatcher(parseFilter(asked, CONTAINER_FIELDS)), [asked]);
  const shownCount = useMemo(() => countOf(rows, matches), [rows, matches]);
  const ticked = useMemo(
    () => (selection.size === 0 ? [] : rows.filter(({ key }) => selection.has(key))),
    [rows, selection],
  );
  const hidden = ticked.length - countOf(ticked, matches);
  const isLoading = !loaded && state.error === null;
  const isEmpty = rows.length === 0;
  // Apart, so that a key that is typed does not draw it again before its letter shows.
  const table = useMemo(
    () => (
      <DataTable
        label="Containers"
        rows={rows}
        shows={matches}
        columns={isNarrow ? NARROW_COLUMNS : WIDE_COLUMNS}
        rowKey={rowKey}
        rowLabel={rowLabel}
        rowHeight={isNarrow ? 56 : 38}
        defaultSort={DEFAULT_SORT}
        selection={selection}
        onSelect={setSelection}
        onOpen={open}
        loading={isLoading}
        empty={isEmpty ? <NoContainers /> : <NoMatch text={asked} onClear={() => setText("")} />}
      />
    ),
    [rows, matches, isNarrow, selection, open, isLoading, isEmpty, asked, setText],
  );
  return (
    <Page title="Containers" fill>
      <FilterField
        label="Filter containers"
        placeholder="Filter: web state:running host:attic"
        value={text}
        onChange={setText}
        examples={EXAMPLES}
      />
      <Facets text={asked} onChange={setText} rows={rows} />
      {state.error && (
        <ErrorNote title="The containers cannot be read" error={state.error} onRetry={() => void containers.load()} />
      )}
      <StaleHosts ages={state.ages} />
      {statsProblem && (
        <Text fz="sm" c="dimmed" role="status">
          CPU and memory are not to be had: {statsProblem.message}{" "}
          {statsProblem.code && <Code>{statsProblem.code}</Code>}
        </Text>
      )}
      <Group gap="md" mih={26} className="fl-over-table">
        <Text fz="sm" c="dimmed" role="status">
          {isLoading ? "Reading the lists of all hosts …" : countText(shownCount, rows.length)}
        </Text>
        {ticked.length > 0 && (
          <BulkBar rows={ticked} hidden={hidden} isBusy={isBusy} onRun={startBulk} onClear={() => setSelection(NONE)} />
        )}
      </Group>
      <Bulk />
      {table}
    </Page>
  );
}

/** Counted apart, so that a tick or an opened menu does not count again. */
function Facets(props: Parameters<typeof FacetFilters>[0]): ReactNode {
  return useMemo(() => <FacetFilters {...props} />, [props.text, props.onChange, props.rows]);
}

function countOf(rows: readonly ContainerRow[], matches: (row: ContainerRow) => boolean): number {
  return rows.reduce((total, row) => total + (matches(row) ? 1 : 0), 0);
}

function countText(shown: number, all: number): string {
  const total = count(all, "container");
  return shown === all ? total : `${formatNumber(shown)} of ${total}`;
}

function NoContainers(): ReactNode {
  const { loaded, list } = useEnvironments();
  if (loaded && list.length === 0) {
    return (
      <EmptyState
        icon={IconServer2}
        title="No hosts yet"
        action={
          <Button component={Link} to="/settings/environments">
            Add an environment
          </Button>
        }
      >
        Containers show here once a host has joined.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={IconBox} title="No containers">
      The hosts that you may see hold none. What is created there, by docker run or compose, shows here at once.
    </EmptyState>
  );
}

function NoMatch({ text, onClear }: { readonly text: string; readonly onClear: () => void }): ReactNode {
  return (
    <EmptyState
      icon={IconFilterOff}
      title="No container matches"
      action={
        <Button variant="default" onClick={onClear}>
          Clear the filter
        </Button>
      }
    >
      Nothing is found by <Code>{text}</Code>.
    </EmptyState>
  );
}
