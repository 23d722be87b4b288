import { Alert, Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconInfoCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useSearchText } from "../../../app/search-text.ts";
import { useActionAllowed } from "../../../hub/access.ts";
import { ActionButton } from "../../../ui/action-button.tsx";
import { Age } from "../../../ui/age.tsx";
import { ErrorNote } from "../../../ui/error-note.tsx";
import { count, formatBytes } from "../../../ui/format.ts";
import { containerKeyOf } from "../use-container.ts";
import { FileView } from "./file-view.tsx";
import { FilesBar } from "./files-bar.tsx";
import { FolderTable } from "./folder-table.tsx";
import { LIST_LIMITS } from "./list-folder.ts";
import { normalPath } from "./paths.ts";
import { type ListBy, readPath } from "./read-folder.ts";
import { TransferNote } from "./transfer-note.tsx";
import { UploadZone } from "./upload-zone.tsx";
import { useTransfers } from "./use-transfers.ts";

interface FilesTabProps {
  readonly environment: Environment;
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
}

/** The files of a container, running or not: folders to walk through, files to look at, to take out and to put in. */
export function FilesTab({ environment, id, name, running }: FilesTabProps): ReactNode {
  const [searched, setPath] = useSearchText("path");
  const [list, setList] = useSearchText("list");
  const path = normalPath(searched);
  const by: ListBy = list === "ls" ? "ls" : "archive";
  const reading = useActionAllowed("container.read-files", environment);
  const exec = useActionAllowed("container.exec", environment);
  const transfers = useTransfers(environment.id, id);
  const query = useQuery({
    queryKey: [...containerKeyOf(environment.id, id), "path", path, by],
    queryFn: ({ signal }) => readPath(environment.id, id, path, by, signal),
    enabled: reading.allowed,
    staleTime: 30_000,
  });
  const canExec =
    running || !exec.allowed
      ? exec
      : ({ allowed: false, reason: `${name} does not run, so nothing can run in it.` } as const);
  const content = query.data;
  const unclear = content?.type === "folder" && content.listing.entries.some((entry) => entry.name.includes("?"));
  const open = (to: string): void => setPath(to === "/" ? "" : to);

  if (!reading.allowed)
    return (
      <Text fz="sm" c="dimmed">
        Its files cannot be shown. {reading.reason}
      </Text>
    );
  const byLs = (
    <ActionButton size="xs" variant="default" allowance={canExec} onAct={() => setList("ls")}>
      List by ls instead
    </ActionButton>
  );
  return (
    <Stack gap="xs" h="100%" mih={0}>
      <FilesBar
        environment={environment}
        path={content?.path ?? path}
        content={content}
        transfers={transfers}
        onOpen={open}
        onRefresh={() => query.refetch()}
      />
      <TransferNote transfers={transfers} />
      {query.error && (
        <>
          <ErrorNote error={query.error} title={`${path} cannot be shown`} onRetry={() => void query.refetch()} />
          {by === "ls" && (
            <Group>
              <Button size="xs" variant="default" onClick={() => setList("")}>
                List without running ls
              </Button>
            </Group>
          )}
        </>
      )}
      {query.isPending && <Skeleton style={{ flex: 1 }} mih={240} aria-label="Reading" />}
      {content?.type === "folder" && (
        <UploadZone
          environment={environment}
          name={name}
          folder={content.path}
          listing={content.listing}
          transfers={transfers}
        >
          {!content.listing.complete && (
            <Alert color="orange" variant="light" icon={<IconInfoCircle aria-hidden />} title="This may not be all">
              <Group justify="space-between" gap="xs">
                <Text fz="sm">
                  The engine hands out a folder only with everything below it. Of that the page reads{" "}
                  {formatBytes(LIST_LIMITS.bytes)} and {LIST_LIMITS.milliseconds / 1000} s at most, and stopped after{" "}
                  {formatBytes(content.listing.readBytes)}. Until then{" "}
                  {count(content.listing.entries.length, "entry", "entries")} had come.
                </Text>
                {by === "archive" && byLs}
              </Group>
            </Alert>
          )}
          <FolderTable
            folder={content.path}
            entries={content.listing.entries}
            onOpen={open}
            onDownload={(entry) => transfers.download(entry.path, entry.type === "folder")}
          />
          <Group justify="space-between" gap="xs">
            <Text fz="xs" c="dimmed" role="status">
              {count(content.listing.entries.length, "entry", "entries")}, read <Age at={query.dataUpdatedAt} />{" "}
              {by === "ls"
                ? `by running ls in the container.${unclear ? " A ? in a name may be a letter that its ls cannot write." : ""}`
                : `from the folder's archive (${formatBytes(content.listing.readBytes)}).`}
            </Text>
            {by === "ls" ? (
              <Button size="xs" variant="default" onClick={() => setList("")}>
                List without running ls
              </Button>
            ) : (
              content.listing.complete && byLs
            )}
          </Group>
        </UploadZone>
      )}
      {content !== undefined && content.type !== "folder" && (
        <FileView
          environment={environment}
          id={id}
          content={content}
          onDownload={() => transfers.download(content.path, false)}
        />
      )}
    </Stack>
  );
}
