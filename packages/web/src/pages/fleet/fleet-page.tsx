import { Button } from "@mantine/core";
import { IconFilterOff, IconPlus, IconServer2 } from "@tabler/icons-react";
import { type ReactNode, useCallback, useDeferredValue, useMemo, useRef } from "react";
import { useSearchText } from "../../app/search-text.ts";
import { matchesFilter, parseFilter } from "../../filter/filter.ts";
import { useAllowed } from "../../hub/access.ts";
import { environments, useEnvironments } from "../../hub/environments.ts";
import { useNavigate } from "@tanstack/react-router";
import { ActionButton } from "../../ui/action-button.tsx";
import { DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorNote } from "../../ui/error-note.tsx";
import { late } from "../../ui/late.tsx";
import { Page } from "../../ui/page.tsx";
import { useNarrow } from "../../ui/use-narrow.ts";
import { FleetCards } from "./fleet-cards.tsx";
import { FLEET_ROW_HEIGHT, fleetColumns } from "./fleet-columns.tsx";
import { FLEET_FIELDS, type FleetRow, fleetSubject, toggleTerm } from "./fleet-row.ts";
import { FleetSkeleton } from "./fleet-skeleton.tsx";
import { parseSort, sortRows, sortText } from "./fleet-sort.ts";
import { FleetSummary } from "./fleet-summary.tsx";
import { FleetToolbar } from "./fleet-toolbar.tsx";
import { useFleetRows } from "./use-fleet-rows.ts";
import { useFleetView } from "./use-fleet-view.ts";

/** Read when it is opened: most visits to the fleet add nothing. */
const AddEnvironmentDialog = late(
  async () => (await import("./add-environment/add-environment-dialog.tsx")).AddEnvironmentDialog,
);

/** Every host: how it is, what runs there, how full it is, what is wrong. */
export function FleetPage(): ReactNode {
  const { loaded, error } = useEnvironments();
  const rows = useFleetRows();
  const view = useFleetView();
  const [adding] = useSearchText("add");
  const isNarrow = useNarrow();
  const asCards = isNarrow || view.shown.layout === "cards";
  const isEmpty = loaded && rows.length === 0;
  return (
    <Page title="Fleet" fill={!asCards} actions={<AddEnvironment />}>
      {error !== null && (
        <ErrorNote error={error} title="The hosts cannot be read" onRetry={() => void environments.load()} />
      )}
      {isEmpty && (
        <EmptyState icon={IconServer2} title="No hosts yet" action={<AddEnvironment />}>
          Add an environment: it gives you a line to paste on a host, and the host shows up here by itself. If others
          have added some, ask an admin to let you see them.
        </EmptyState>
      )}
      {!isEmpty && (loaded || error === null) && (
        <>
          {loaded ? (
            <FleetSummary rows={rows} filter={view.shown.filter} onFilter={(filter) => view.show({ filter })} />
          ) : (
            <FleetSkeleton.Summary />
          )}
          <FleetToolbar view={view} isNarrow={isNarrow} />
          {loaded ? <Hosts rows={rows} view={view} asCards={asCards} /> : <FleetSkeleton.Hosts asCards={asCards} />}
        </>
      )}
      {adding !== "" && <AddEnvironmentDialog />}
    </Page>
  );
}

interface HostsProps {
  readonly rows: readonly FleetRow[];
  readonly view: ReturnType<typeof useFleetView>;
  readonly asCards: boolean;
}

function Hosts({ rows, view, asCards }: HostsProps): ReactNode {
  const { shown, show } = view;
  const { filter, sort } = shown;
  const navigate = useNavigate();
  const asked = useDeferredValue(filter);
  const found = useMemo(() => {
    const parsed = parseFilter(asked, FLEET_FIELDS);
    return parsed.length === 0 ? rows : rows.filter((row) => matchesFilter(parsed, fleetSubject(row)));
  }, [rows, asked]);
  const sorted = useMemo(() => (asCards ? sortRows(found, sort) : found), [asCards, found, sort]);
  const tableSort = useMemo(() => parseSort(sort), [sort]);

  const latest = useRef(view);
  latest.current = view;
  const onToggle = useCallback((term: string) => {
    latest.current.show({ filter: toggleTerm(latest.current.shown.filter, term) });
  }, []);
  const columns = useMemo(() => fleetColumns({ filter, onToggle }), [filter, onToggle]);

  const empty = (
    <EmptyState
      icon={IconFilterOff}
      title="No host is as the filter says"
      action={
        <Button variant="default" onClick={() => show({ filter: "" })}>
          Clear the filter
        </Button>
      }
    >
      None of the {rows.length} hosts matches “{filter}”. Fields are {FLEET_FIELDS.join(", ")}; * stands for anything.
    </EmptyState>
  );
  if (asCards) return sorted.length === 0 ? empty : <FleetCards rows={sorted} filter={filter} onToggle={onToggle} />;
  return (
    <DataTable
      label="Hosts"
      rows={found}
      columns={columns}
      rowKey={({ environment }) => String(environment.id)}
      rowLabel={({ environment, state }) => `${environment.name}, ${state.label}`}
      rowHeight={FLEET_ROW_HEIGHT}
      sort={tableSort}
      onSort={(next) => show({ sort: sortText(next) })}
      onOpen={({ environment }) => void navigate({ to: "/environments/$env", params: { env: environment.name } })}
      empty={empty}
    />
  );
}

function AddEnvironment(): ReactNode {
  const [, setAdd] = useSearchText("add");
  return (
    <ActionButton
      allowance={useAllowed("environment.create")}
      leftSection={<IconPlus size={16} aria-hidden />}
      onAct={() => setAdd("edge")}
    >
      Add an environment
    </ActionButton>
  );
}
