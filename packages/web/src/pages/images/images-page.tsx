import { Text } from "@mantine/core";
import { IconDownload, IconFileImport, IconSparkles, IconStack2, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { dockerJson } from "../../docker/call.ts";
import type { ImageSummary } from "../../docker/images.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { count, formatBytes, shortId } from "../../ui/format.ts";
import { useAnyAllowed } from "../resources/host-choice.tsx";
import { useHostLists } from "../resources/host-lists.ts";
import { useHostUsages } from "../resources/host-usages.ts";
import { PruneDialog } from "../resources/prune-dialog.tsx";
import { IMAGE_PRUNE } from "../resources/prune-kind.ts";
import { type Removal, RemoveDialog } from "../resources/remove-dialog.tsx";
import { ResourceList } from "../resources/resource-list.tsx";
import { useSelectedHosts } from "../resources/selected-hosts.ts";
import { useTicked } from "../resources/ticked.ts";
import { imageColumns } from "./image-columns.tsx";
import { IMAGE_REMOVAL, imageRemoval } from "./image-removal.ts";
import { IMAGE_FIELDS, type ImageRow, imageRows, imageSubject } from "./image-rows.ts";
import { LoadDialog } from "./load-dialog.tsx";
import { PullDialog, type PullStart } from "./pull-dialog.tsx";
import { SaveDialog, type Saving } from "./save-dialog.tsx";
import { TagDialog, type Tagging } from "./tag-dialog.tsx";

const QUICK = [
  { label: "Unused", field: "used", value: "no" },
  { label: "Dangling", field: "dangling", value: "yes" },
];
const keyOf = ({ key }: ImageRow): string => key;

export function ImagesPage(): ReactNode {
  const navigate = useNavigate();
  const hosts = useSelectedHosts();
  const lists = useHostLists({
    environments: hosts.selected,
    key: "images",
    permission: "image.view",
    read: ({ id }, signal) => dockerJson<ImageSummary[]>(id, "/images/json?all=0", { signal }),
  });
  const usages = useHostUsages();
  const rows = useMemo(() => imageRows(lists.hosts, usages), [lists.hosts, usages]);
  const ticked = useTicked(rows);
  const [pull, setPull] = useState<PullStart>();
  const [loading, setLoading] = useState(false);
  const [pruning, setPruning] = useState(false);
  const [tagging, setTagging] = useState<Tagging>();
  const [saving, setSaving] = useState<Saving>();
  const [removals, setRemovals] = useState<readonly Removal[]>();
  const remove = (list: readonly ImageRow[]): void =>
    setRemovals(list.map(({ environment, image, users = [] }) => imageRemoval(environment, image, users)));
  const columns = useMemo(
    () =>
      imageColumns({
        pull: ({ environment, name }) => setPull({ reference: name, environmentIds: [environment.id] }),
        tag: ({ environment, image, name }) => setTagging({ environment, id: image.Id, name }),
        save: ({ environment, image, name, tags }) =>
          setSaving({ environment, name, names: tags.length > 0 ? tags : [image.Id], bytes: image.Size }),
        remove: (row) => remove([row]),
      }),
    [],
  );
  const mayPull = useAnyAllowed("image.pull", hosts.selected);
  const mayLoad = useAnyAllowed("image.load", hosts.selected);
  const mayRemove = useAnyAllowed("image.remove", hosts.selected);
  const mayRemoveTicked = useAnyAllowed(
    "image.remove",
    ticked.rows.map(({ environment }) => environment),
  );
  const refresh = (ids: readonly number[]): void => void lists.refresh(ids);
  return (
    <>
      <ResourceList
        title="Images"
        noun="image"
        icon={IconStack2}
        hosts={hosts}
        lists={lists}
        rows={rows}
        columns={columns}
        rowKey={keyOf}
        rowLabel={({ name, environment }) => `${name} on ${environment.name}`}
        defaultSort={{ id: "name" }}
        onOpen={({ environment, image }) =>
          void navigate({
            to: "/environments/$env/images/$image",
            params: { env: environment.name, image: shortId(image.Id) },
          })
        }
        selection={ticked.keys}
        onSelect={ticked.set}
        fields={IMAGE_FIELDS}
        subject={imageSubject}
        quick={QUICK}
        emptyHint="Pull an image, or load one from a file."
        actions={
          <>
            <ActionButton
              variant="default"
              allowance={mayRemove}
              leftSection={<IconSparkles size={16} aria-hidden />}
              onAct={() => setPruning(true)}
            >
              Prune
            </ActionButton>
            <ActionButton
              variant="default"
              allowance={mayLoad}
              leftSection={<IconFileImport size={16} aria-hidden />}
              onAct={() => setLoading(true)}
            >
              Load
            </ActionButton>
            <ActionButton
              allowance={mayPull}
              leftSection={<IconDownload size={16} aria-hidden />}
              onAct={() =>
                setPull({
                  reference: "",
                  environmentIds: hosts.selected.length === 1 ? hosts.selected.map(({ id }) => id) : [],
                })
              }
            >
              Pull
            </ActionButton>
          </>
        }
        {...(ticked.rows.length > 0 && {
          selectionActions: (
            <>
              <Text fz="sm" fw={550} className="tabular">
                {count(ticked.rows.length, "image")} ticked,{" "}
                {formatBytes(ticked.rows.reduce((sum, { image }) => sum + image.Size, 0))}
              </Text>
              <ActionButton
                size="xs"
                variant="default"
                allowance={mayRemoveTicked}
                leftSection={<IconTrash size={14} aria-hidden />}
                onAct={() => remove(ticked.rows)}
              >
                Remove
              </ActionButton>
              <ActionButton size="xs" variant="subtle" onAct={ticked.clear}>
                Untick
              </ActionButton>
            </>
          ),
        })}
      />
      <PullDialog start={pull} onClose={() => setPull(undefined)} onPulled={refresh} />
      <LoadDialog
        opened={loading}
        host={hosts.selected.length === 1 ? hosts.selected[0] : undefined}
        onClose={() => setLoading(false)}
        onLoaded={refresh}
      />
      <TagDialog tagging={tagging} onClose={() => setTagging(undefined)} onTagged={refresh} />
      <SaveDialog saving={saving} onClose={() => setSaving(undefined)} />
      <RemoveDialog
        {...IMAGE_REMOVAL}
        removals={removals}
        onClose={() => setRemovals(undefined)}
        onRemoved={(removed) => {
          ticked.clear();
          refresh(removed.map(({ environment }) => environment.id));
        }}
      />
      <PruneDialog
        opened={pruning}
        kind={IMAGE_PRUNE}
        environments={hosts.selected}
        onClose={() => setPruning(false)}
        onPruned={refresh}
      />
    </>
  );
}
