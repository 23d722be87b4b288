import { Button, Menu } from "@mantine/core";
import { IconBookmark, IconChevronDown, IconEdit, IconPlus, IconStar, IconTrash } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { Allowance } from "../../hub/access.ts";
import { ActionMenuItem } from "../../ui/action-button.tsx";
import { confirm } from "../../ui/confirm.tsx";
import { ALL_HOSTS, MAX_VIEWS, renamed, withoutView, withView } from "./saved-views.ts";
import type { FleetViewState } from "./use-fleet-view.ts";
import { ViewNameDialog } from "./view-name-dialog.tsx";

/** Chooses, keeps and sees to the views of this browser. */
export function SavedViewsMenu({ view }: { readonly view: FleetViewState }): ReactNode {
  const { shown, saved, save, show } = view;
  const [naming, setNaming] = useState<"new" | "rename">();
  const own = saved.views.find(({ name }) => name === shown.name);
  const isFirst = shown.name === (saved.first ?? ALL_HOSTS.name);
  const { filter, sort, layout } = shown;
  const label = own
    ? `${own.name}${shown.changed ? " (changed)" : ""}`
    : shown.changed
      ? "Views"
      : (shown.name ?? "Views");

  const named = (name: string): void => {
    if (naming === "rename" && own) save(renamed(saved, own.name, name));
    else save(withView(saved, { name, filter, sort, layout }));
    show({ name });
    setNaming(undefined);
  };
  const remove = async (name: string): Promise<void> => {
    const body = `The view “${name}” is deleted from this browser. The hosts stay as they are.`;
    if (!(await confirm({ title: `Delete the view ${name}`, body, action: "Delete the view" }))) return;
    save(withoutView(saved, name));
    show({ name: undefined });
  };
  const full: Allowance | undefined =
    saved.views.length < MAX_VIEWS
      ? undefined
      : { allowed: false, reason: `There are ${MAX_VIEWS} views, as many as are kept. Delete one first.` };
  return (
    <>
      <Menu position="bottom-end" width={250} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<IconBookmark size={16} aria-hidden />}
            rightSection={<IconChevronDown size={14} aria-hidden />}
            maw={240}
          >
            {label}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah="60vh" style={{ overflow: "auto" }}>
          <Menu.Label>Views of this browser</Menu.Label>
          {[ALL_HOSTS, ...saved.views].map(({ name, ...rest }) => (
            <Menu.Item
              key={name}
              fw={name === shown.name ? 650 : undefined}
              aria-current={name === shown.name}
              onClick={() => show({ ...rest, name })}
              rightSection={(saved.first ?? ALL_HOSTS.name) === name && <IconStar size={14} aria-label="opens first" />}
            >
              {name}
            </Menu.Item>
          ))}
          <Menu.Divider />
          {own && shown.changed && (
            <Menu.Item leftSection={<IconBookmark size={16} aria-hidden />} onClick={() => named(own.name)}>
              Save the changes to {own.name}
            </Menu.Item>
          )}
          <ActionMenuItem
            {...(full && { allowance: full })}
            leftSection={<IconPlus size={16} aria-hidden />}
            onAct={() => setNaming("new")}
          >
            Save as a new view
          </ActionMenuItem>
          {shown.name !== undefined && !isFirst && (
            <Menu.Item
              leftSection={<IconStar size={16} aria-hidden />}
              onClick={() => save({ ...saved, first: own?.name })}
            >
              Open the fleet with {shown.name}
            </Menu.Item>
          )}
          {own && (
            <>
              <Menu.Item leftSection={<IconEdit size={16} aria-hidden />} onClick={() => setNaming("rename")}>
                Rename {own.name}
              </Menu.Item>
              <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} onClick={() => void remove(own.name)}>
                Delete {own.name}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <ViewNameDialog
        opened={naming !== undefined}
        title={naming === "rename" ? `Rename ${own?.name ?? "the view"}` : "Save as a new view"}
        start={naming === "rename" ? (own?.name ?? "") : ""}
        others={naming === "rename" ? saved.views.filter((view) => view !== own) : saved.views}
        onName={named}
        onClose={() => setNaming(undefined)}
      />
    </>
  );
}
