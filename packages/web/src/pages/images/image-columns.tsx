import { Badge, Tooltip } from "@mantine/core";
import { IconDeviceFloppy, IconDownload, IconTag } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { actionAllowance } from "../../hub/access.ts";
import { useMe } from "../../hub/session.ts";
import { ActionMenuItem } from "../../ui/action-button.tsx";
import { Age } from "../../ui/age.tsx";
import type { DataColumn } from "../../ui/data-table.tsx";
import { formatBytes, shortId } from "../../ui/format.ts";
import { HOST_COLUMN, NameCell, RemoveItem, USED_BY_COLUMN } from "../resources/columns.tsx";
import { RowMenu } from "../resources/row-menu.tsx";
import type { ImageRow } from "./image-rows.ts";

export interface ImageRowActions {
  pull(row: ImageRow): void;
  tag(row: ImageRow): void;
  save(row: ImageRow): void;
  remove(row: ImageRow): void;
}

export function imageColumns(actions: ImageRowActions): readonly DataColumn<ImageRow>[] {
  return [
    {
      id: "name",
      header: "Image",
      grow: 3,
      sort: (row) => row.tags[0] ?? `~${row.name}`,
      cell: (row) => <Name row={row} />,
    },
    {
      id: "id",
      header: "Id",
      width: 120,
      wideOnly: true,
      cell: ({ image }) => <span className="mono">{shortId(image.Id)}</span>,
    },
    {
      id: "size",
      header: "Size",
      width: 92,
      align: "right",
      sort: ({ image }) => image.Size,
      cell: ({ image }) => <span className="tabular">{formatBytes(image.Size)}</span>,
    },
    {
      id: "created",
      header: "Created",
      width: 130,
      wideOnly: true,
      sort: ({ image }) => image.Created,
      cell: ({ image }) => <Age at={image.Created > 0 ? image.Created * 1000 : null} fallback="not known" />,
    },
    USED_BY_COLUMN,
    HOST_COLUMN,
    { id: "actions", header: "", width: 48, cell: (row) => <Actions row={row} actions={actions} /> },
  ];
}

function Name({ row: { name, tags, dangling, environment, image } }: { readonly row: ImageRow }): ReactNode {
  return (
    <NameCell
      environment={environment}
      marks={dangling ? ["dangling"] : []}
      link={
        <Link
          to="/environments/$env/images/$image"
          params={{ env: environment.name, image: shortId(image.Id) }}
          className="fl-link ellipsis"
          title={tags.join("\n") || name}
        >
          {name}
        </Link>
      }
    >
      {tags.length > 1 && (
        <Tooltip label={tags.slice(1).join(", ")}>
          <Badge size="sm" variant="default" tt="none" style={{ flex: "none" }}>
            +{tags.length - 1}
          </Badge>
        </Tooltip>
      )}
    </NameCell>
  );
}

function Actions({ row, actions }: { readonly row: ImageRow; readonly actions: ImageRowActions }): ReactNode {
  const me = useMe();
  const may = (permission: Parameters<typeof actionAllowance>[1]) => actionAllowance(me, permission, row.environment);
  const unnamed = { allowed: false, reason: "It has no name that could be pulled." } as const;
  return (
    <RowMenu label={`Actions on ${row.name}`}>
      <ActionMenuItem
        allowance={row.dangling ? unnamed : may("image.pull")}
        leftSection={<IconDownload size={15} aria-hidden />}
        onAct={() => actions.pull(row)}
      >
        Pull again
      </ActionMenuItem>
      <ActionMenuItem
        allowance={may("image.tag")}
        leftSection={<IconTag size={15} aria-hidden />}
        onAct={() => actions.tag(row)}
      >
        Tag
      </ActionMenuItem>
      <ActionMenuItem
        allowance={may("image.save")}
        leftSection={<IconDeviceFloppy size={15} aria-hidden />}
        onAct={() => actions.save(row)}
      >
        Save to a file
      </ActionMenuItem>
      <RemoveItem permission="image.remove" environment={row.environment} onRemove={() => actions.remove(row)} />
    </RowMenu>
  );
}
