import { IconDownload, IconFileImport, IconStack2 } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { dockerJson } from "../../docker/call.ts";
import type { ImageSummary } from "../../docker/images.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { shortId } from "../../ui/format.ts";
import { useAnyAllowed } from "../resources/host-choice.tsx";
import { useHostLists } from "../resources/host-lists.ts";
import { useHostUsages } from "../resources/host-usages.ts";
import { IMAGE_PRUNE } from "../resources/prune-kind.ts";
import type { Removal } from "../resources/remove-dialog.tsx";
import { useRemoving } from "../resources/removing.ts";
import { ResourceList } from "../resources/resource-list.tsx";
import { useSelectedHosts } from "../resources/selected-hosts.ts";
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
const removalOf = ({ environment, image, users = [] }: ImageRow): Removal => imageRemoval(environment, image, users);

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
  const removing = useRemoving(rows, removalOf);
  const [pull, setPull] = useState<PullStart>();
  const [loading, setLoading] = useState(false);
  const [tagging, setTagging] = useState<Tagging>();
  const [saving, setSaving] = useState<Saving>();
  const columns = useMemo(
    () =>
      imageColumns({
        pull: ({ environment, name }) => setPull({ reference: name, environmentIds: [environment.id] }),
        tag: ({ environment, image, name }) => setTagging({ environment, id: image.Id, name }),
        save: ({ environment, image, name, tags }) =>
          setSaving({ environment, name, names: tags.length > 0 ? tags : [image.Id], bytes: image.Size }),
        remove: (row) => removing.ask([row]),
      }),
    [removing.ask],
  );
  const mayPull = useAnyAllowed("image.pull", hosts.selected);
  const mayLoad = useAnyAllowed("image.load", hosts.selected);
  const refresh = (ids: readonly number[]): void => void lists.refresh(ids);
  return (
    <>
      <ResourceList
        title="Images"
        icon={IconStack2}
        hosts={hosts}
        lists={lists}
        rows={rows}
        columns={columns}
        rowLabel={({ name, environment }) => `${name} on ${environment.name}`}
        onOpen={({ environment, image }) =>
          void navigate({
            to: "/environments/$env/images/$image",
            params: { env: environment.name, image: shortId(image.Id) },
          })
        }
        fields={IMAGE_FIELDS}
        subject={imageSubject}
        quick={QUICK}
        removing={removing}
        removal={IMAGE_REMOVAL}
        prune={IMAGE_PRUNE}
        bytesOf={({ image }) => image.Size}
        emptyHint="Pull an image, or load one from a file."
        actions={
          <>
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
    </>
  );
}
