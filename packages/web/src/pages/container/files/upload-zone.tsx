import { FileButton, Group, List, Stack, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconUpload } from "@tabler/icons-react";
import { type DragEvent, type ReactNode, useState } from "react";
import { useActionAllowed } from "../../../hub/access.ts";
import { ActionButton } from "../../../ui/action-button.tsx";
import { confirm } from "../../../ui/confirm.tsx";
import { count, formatBytes } from "../../../ui/format.ts";
import { notifyFailed } from "../../../ui/notify.tsx";
import type { FolderListing } from "./list-folder.ts";
import { uploadProblem } from "./upload-problem.ts";
import type { Transfers } from "./use-transfers.ts";

interface UploadZoneProps {
  readonly environment: Environment;
  readonly name: string;
  readonly folder: string;
  readonly listing: FolderListing;
  readonly transfers: Transfers;
  readonly children: ReactNode;
}

/** A folder into which files can be dropped or chosen; what is overwritten is said before. */
export function UploadZone({ environment, name, folder, listing, transfers, children }: UploadZoneProps): ReactNode {
  const allowance = useActionAllowed("container.write-files", environment);
  const [isOver, setOver] = useState(false);
  const upload = async (files: readonly File[]): Promise<void> => {
    if (files.length === 0) return;
    const problem = uploadProblem(files);
    if (problem !== undefined) {
      notifyFailed(`Uploading to ${folder}`, problem);
      return;
    }
    const there = new Set(listing.entries.map((entry) => entry.name));
    const overwritten = files.filter((file) => there.has(file.name)).map((file) => file.name);
    const yes = await confirm({
      title: `Upload ${count(files.length, "file")} to ${name}?`,
      body: <UploadPlan files={files} folder={folder} overwritten={overwritten} complete={listing.complete} />,
      action:
        overwritten.length > 0 ? `Upload, overwrite ${overwritten.length}` : `Upload ${count(files.length, "file")}`,
      danger: overwritten.length > 0,
    });
    if (yes) transfers.upload(folder, files);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    if (!allowance.allowed) {
      notifyFailed(`Uploading to ${folder}`, allowance.reason);
      return;
    }
    const items = [...event.dataTransfer.items];
    const folders = items.filter((item) => item.webkitGetAsEntry()?.isDirectory === true).length;
    if (folders > 0)
      notifyFailed(
        `Uploading to ${folder}`,
        "Folders cannot be dropped here. Pack them as .tar and use docker cp, or drop their files.",
      );
    else void upload([...event.dataTransfer.files]);
  };
  return (
    <Stack
      gap="xs"
      style={{
        flex: 1,
        minHeight: 0,
        ...(isOver ? { outline: "2px dashed var(--mantine-color-anchor)", outlineOffset: 4 } : {}),
      }}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Group gap="xs">
        <FileButton multiple onChange={(files) => void upload(files)}>
          {({ onClick }) => (
            <ActionButton
              size="xs"
              variant="default"
              leftSection={<IconUpload size={15} aria-hidden />}
              allowance={allowance}
              onAct={onClick}
            >
              Upload files
            </ActionButton>
          )}
        </FileButton>
        <Text fz="xs" c="dimmed" visibleFrom="sm">
          or drop them on the list. They go to <span className="mono">{folder}</span>.
        </Text>
      </Group>
      {children}
    </Stack>
  );
}

/** More names than these are counted. */
const NAMED = 8;

interface UploadPlanProps {
  readonly files: readonly File[];
  readonly folder: string;
  readonly overwritten: readonly string[];
  readonly complete: boolean;
}

function UploadPlan({ files, folder, overwritten, complete }: UploadPlanProps): ReactNode {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const rest = files.length - NAMED;
  return (
    <Stack gap="xs">
      <Text fz="sm">
        {formatBytes(bytes)} into <span className="mono">{folder}</span>, owned by root, mode rw-r--r--:
      </Text>
      <List size="sm" className="mono" style={{ overflowWrap: "anywhere" }}>
        {files.slice(0, NAMED).map((file) => (
          <List.Item key={file.name}>{file.name}</List.Item>
        ))}
        {rest > 0 && <List.Item>and {rest} more</List.Item>}
      </List>
      <Text fz="sm">
        {overwritten.length > 0
          ? `Already there, and overwritten: ${overwritten.slice(0, NAMED).join(", ")}${overwritten.length > NAMED ? ` and ${overwritten.length - NAMED} more` : ""}.`
          : complete
            ? "None of these names is there yet."
            : "Not all of this folder could be listed: what has the same name is overwritten."}
      </Text>
    </Stack>
  );
}
