import { Group } from "@mantine/core";
import { IconDownload, IconFile, IconFolder, IconLink, IconPlugConnected, type Icon } from "@tabler/icons-react";
import { type ReactNode, useMemo } from "react";
import { ActionIconButton } from "../../../ui/action-button.tsx";
import { Age } from "../../../ui/age.tsx";
import { type DataColumn, DataTable } from "../../../ui/data-table.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { formatBytes } from "../../../ui/format.ts";
import type { FolderEntry } from "./list-folder.ts";
import { joinPath } from "./paths.ts";
import type { TarEntryType } from "./read-tar.ts";

type Row = FolderEntry & { readonly path: string };

interface FolderTableProps {
  readonly folder: string;
  readonly entries: readonly FolderEntry[];
  readonly onOpen: (path: string) => void;
  readonly onDownload: (entry: Row) => void;
}

const ICONS: Partial<Record<TarEntryType, Icon>> = { folder: IconFolder, symlink: IconLink, device: IconPlugConnected };

/** What can be looked into; a device or a pipe has nothing to show. */
const OPENABLE = new Set<TarEntryType>(["folder", "file", "symlink", "hardlink"]);

export function FolderTable({ folder, entries, onOpen, onDownload }: FolderTableProps): ReactNode {
  const rows = useMemo(
    () => entries.map((entry) => ({ ...entry, path: joinPath(folder, entry.name) })),
    [entries, folder],
  );
  const columns = useMemo(() => columnsOf(onOpen, onDownload), [onOpen, onDownload]);
  return (
    <div className="fl-card" style={{ display: "flex", flex: 1, minHeight: 0, overflow: "hidden" }}>
      <DataTable
        label={`Content of ${folder}`}
        rows={rows}
        columns={columns}
        rowKey={(row) => row.name}
        rowLabel={(row) => `${row.type} ${row.name}`}
        defaultSort={{ id: "name" }}
        rowHeight={34}
        onOpen={(row) => {
          if (OPENABLE.has(row.type)) onOpen(row.path);
        }}
        empty={
          <EmptyState icon={IconFolder} title="This folder is empty">
            Drop files here to put them into it.
          </EmptyState>
        }
      />
    </div>
  );
}

function columnsOf(onOpen: (path: string) => void, onDownload: (row: Row) => void): readonly DataColumn<Row>[] {
  return [
    {
      id: "name",
      header: "Name",
      grow: 3,
      // Folders first, as everywhere.
      sort: (row) => `${row.type === "folder" ? 0 : 1}${row.name.toLowerCase()}`,
      cell: (row) => <NameCell row={row} onOpen={onOpen} />,
    },
    {
      id: "size",
      header: "Size",
      width: 96,
      align: "right",
      sort: (row) => row.size ?? -1,
      cell: (row) => <span className="tabular">{row.size === undefined ? "" : formatBytes(row.size)}</span>,
    },
    {
      id: "modified",
      header: "Changed",
      width: 150,
      wideOnly: true,
      sort: (row) => row.modified,
      cell: (row) => (typeof row.modified === "number" ? <Age at={row.modified} /> : row.modified),
    },
    {
      id: "permissions",
      header: "Permissions",
      width: 112,
      wideOnly: true,
      cell: (row) => <span className="mono">{row.permissions}</span>,
    },
    {
      id: "owner",
      header: "Owner",
      width: 90,
      wideOnly: true,
      cell: (row) => <span className="tabular">{row.owner}</span>,
    },
    {
      id: "download",
      header: "",
      width: 48,
      cell: (row) =>
        (row.type === "file" || row.type === "folder" || row.type === "hardlink") && (
          <ActionIconButton
            label={`Download ${row.name}${row.type === "folder" ? " as .tar" : ""}`}
            onAct={() => onDownload(row)}
          >
            <IconDownload size={16} aria-hidden />
          </ActionIconButton>
        ),
    },
  ];
}

function NameCell({ row, onOpen }: { readonly row: Row; readonly onOpen: (path: string) => void }): ReactNode {
  const IconOf = ICONS[row.type] ?? IconFile;
  return (
    <Group gap="xs" wrap="nowrap" miw={0}>
      <IconOf size={16} stroke={1.7} aria-hidden style={{ flex: "none" }} />
      {OPENABLE.has(row.type) ? (
        <button type="button" className="fl-link-button ellipsis" title={row.name} onClick={() => onOpen(row.path)}>
          {row.name}
        </button>
      ) : (
        <span className="ellipsis">{row.name}</span>
      )}
      {row.target !== "" && (
        <span className="ellipsis" style={{ color: "var(--mantine-color-dimmed)" }} title={row.target}>
          → {row.target}
        </span>
      )}
    </Group>
  );
}
