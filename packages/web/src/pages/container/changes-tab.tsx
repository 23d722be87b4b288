import { Button, Group, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconFileDiff, IconRefresh, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { useSearchText } from "../../app/search-text.ts";
import { containerChanges } from "../../docker/container-calls.ts";
import { Age } from "../../ui/age.tsx";
import { type DataColumn, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorNote } from "../../ui/error-note.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import type { Tone } from "../../ui/tone.ts";
import { CHANGE_KINDS, type ChangeKind, filterChanges, type NamedChange, namedChanges } from "./file-changes.ts";
import { parentPath } from "./files/paths.ts";
import { containerKeyOf } from "./use-container.ts";
import { formatNumber } from "../../ui/format.ts";

interface ChangesTabProps {
  readonly environment: Environment;
  readonly id: string;
  readonly name: string;
}

const TONES: Readonly<Record<ChangeKind, Tone>> = { changed: "warn", added: "good", deleted: "bad" };
const NONE = { changed: 0, added: 0, deleted: 0 };

/** What a container's file system has that its image has not. */
export function ChangesTab({ environment, id, name }: ChangesTabProps): ReactNode {
  const query = useQuery({
    queryKey: [...containerKeyOf(environment.id, id), "changes"],
    queryFn: ({ signal }) => containerChanges(environment.id, id, signal),
    // The engine walks the whole file system for it.
    staleTime: 60_000,
  });
  const [text, setText] = useSearchText("path");
  const [kind, setKind] = useSearchText("kind");
  const all = useMemo(() => query.data && namedChanges(query.data), [query.data]);
  const rows = useMemo(() => filterChanges(all?.changes ?? [], text, kind), [all, text, kind]);
  const columns = useMemo<readonly DataColumn<NamedChange>[]>(
    () => [
      {
        id: "kind",
        header: "What",
        width: 120,
        sort: (row) => row.kind,
        cell: (row) => <StateMark tone={TONES[row.kind]}>{row.kind}</StateMark>,
      },
      {
        id: "path",
        header: "Path",
        sort: (row) => row.path,
        cell: (row) => <PathCell environment={environment} id={id} change={row} />,
      },
    ],
    [environment, id],
  );
  if (query.error)
    return <ErrorNote error={query.error} title="The changes cannot be read" onRetry={() => void query.refetch()} />;
  if (!all) return <Skeleton h={320} />;
  return (
    <Stack gap="xs" h="100%" mih={0}>
      <Group gap="xs">
        <TextInput
          size="xs"
          leftSection={<IconSearch size={15} aria-hidden />}
          placeholder="Part of a path"
          aria-label="Part of a path"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          style={{ flex: "1 1 180px" }}
        />
        {CHANGE_KINDS.map((one) => (
          <Button
            key={one}
            size="xs"
            variant={kind === one ? "filled" : "default"}
            aria-pressed={kind === one}
            onClick={() => setKind(kind === one ? "" : one)}
          >
            {formatNumber((all.counts ?? NONE)[one])} {one}
          </Button>
        ))}
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
      <Text fz="xs" c="dimmed">
        Against its image, read <Age at={query.dataUpdatedAt} />. What is in volumes and mounts is not part of it.
      </Text>
      <div className="fl-card" style={{ display: "flex", flex: 1, minHeight: 0, overflow: "hidden" }}>
        <DataTable
          label={`Changes of ${name} against its image`}
          rows={rows}
          columns={columns}
          rowKey={(row) => row.path}
          rowLabel={(row) => `${row.kind} ${row.path}`}
          rowHeight={34}
          empty={
            <EmptyState
              icon={IconFileDiff}
              title={all.changes.length === 0 ? "Nothing was changed" : "No change is like that"}
            >
              {all.changes.length === 0
                ? `The files of ${name} are those of its image.`
                : "Take a part of the filter away."}
            </EmptyState>
          }
        />
      </div>
    </Stack>
  );
}

function PathCell({
  environment,
  id,
  change,
}: {
  readonly environment: Environment;
  readonly id: string;
  readonly change: NamedChange;
}): ReactNode {
  if (change.kind === "deleted") return <span className="mono">{change.path}</span>;
  return (
    <Link
      to="/environments/$env/containers/$container/$tab"
      params={{ env: environment.name, container: id.slice(0, 12), tab: "files" }}
      search={{ path: parentPath(change.path) }}
      className="fl-link mono"
      title={`The folder of ${change.path}`}
    >
      {change.path}
    </Link>
  );
}
