import { Button, Group, Stack, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconListDetails, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { containerProcesses } from "../../docker/container-calls.ts";
import { Age } from "../../ui/age.tsx";
import { type DataColumn, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorNote } from "../../ui/error-note.tsx";
import { count } from "../../ui/format.ts";
import { containerKeyOf } from "./use-container.ts";

interface ProcessesTabProps {
  readonly environment: Environment;
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
}

interface Row {
  readonly key: string;
  readonly cells: readonly string[];
}

/** What engines tell by default; shown until this one has told. */
const USUAL_TITLES = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"];

/** Of the columns of `ps`, what phones have no room for. */
const WIDE_ONLY = new Set(["PPID", "C", "STIME", "TTY", "TIME"]);

/** The processes of a container, as its host sees them; asked for when one looks, after its events, and on demand. */
export function ProcessesTab({ environment, id, name, running }: ProcessesTabProps): ReactNode {
  const query = useQuery({
    queryKey: [...containerKeyOf(environment.id, id), "top"],
    queryFn: ({ signal }) => containerProcesses(environment.id, id, signal),
    enabled: running,
  });
  const titles = query.data?.Titles;
  const columns = useMemo(() => (titles ?? USUAL_TITLES).map(columnOf), [titles]);
  const rows = useMemo<readonly Row[]>(
    () =>
      (query.data?.Processes ?? []).map((cells, index) => ({
        key: `${cells[titles?.indexOf("PID") ?? 0]} ${index}`,
        cells,
      })),
    [query.data, titles],
  );
  if (!running) {
    return (
      <EmptyState icon={IconListDetails} title="No processes">
        {name} does not run. Its processes show here when it is started.
      </EmptyState>
    );
  }
  return (
    <Stack gap="xs" h="100%" mih={0}>
      <Group justify="space-between" gap="xs">
        <Text fz="sm" c="dimmed" role="status">
          {query.data && (
            <>
              {count(rows.length, "process", "processes")}, read <Age at={query.dataUpdatedAt} />. Read again after
              events of {name}, and when you ask.
            </>
          )}
        </Text>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={15} aria-hidden />}
          loading={query.isFetching}
          onClick={() => void query.refetch()}
        >
          Read again
        </Button>
      </Group>
      {query.error && (
        <ErrorNote error={query.error} title="The processes cannot be read" onRetry={() => void query.refetch()} />
      )}
      <div className="fl-card" style={{ display: "flex", flex: 1, minHeight: 0, overflow: "hidden" }}>
        <DataTable
          label={`Processes of ${name}`}
          rows={rows}
          columns={columns}
          rowKey={({ key }) => key}
          rowLabel={({ cells }) => cells.at(-1) ?? ""}
          loading={query.isPending}
        />
      </div>
    </Stack>
  );
}

function columnOf(title: string, index: number): DataColumn<Row> {
  const isCommand = title === "CMD" || title === "COMMAND";
  return {
    id: title,
    header: title,
    cell: ({ cells }) => (
      <span className={isCommand ? "mono" : "tabular"} title={isCommand ? cells[index] : undefined}>
        {cells[index]}
      </span>
    ),
    sort: ({ cells }) => {
      const text = cells[index] ?? "";
      return /^[\d.]+$/.test(text) ? Number(text) : text;
    },
    ...(isCommand ? { grow: 4 } : { width: 84 }),
    ...(WIDE_ONLY.has(title) ? { wideOnly: true } : {}),
  };
}
