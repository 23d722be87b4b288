import { Text } from "@mantine/core";
import { IconDatabase, IconPlus } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { dockerJson } from "../../docker/call.ts";
import { readDiskUsage } from "../../docker/disk-usage.ts";
import type { Volume } from "../../docker/volumes.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { useAnyAllowed } from "../resources/host-choice.tsx";
import { useHostLists } from "../resources/host-lists.ts";
import { useHostUsages } from "../resources/host-usages.ts";
import { listed } from "../resources/prune-preview.ts";
import { VOLUME_PRUNE } from "../resources/prune-kind.ts";
import type { Removal } from "../resources/remove-dialog.tsx";
import { useRemoving } from "../resources/removing.ts";
import { ResourceList } from "../resources/resource-list.tsx";
import { useSelectedHosts } from "../resources/selected-hosts.ts";
import { CreateVolumeDialog } from "./create-volume-dialog.tsx";
import { volumeColumns } from "./volume-columns.tsx";
import {
  VOLUME_FIELDS,
  VOLUME_REMOVAL,
  type VolumeRow,
  volumeRemoval,
  volumeRows,
  volumeSubject,
} from "./volume-rows.ts";

const QUICK = [
  { label: "Unused", field: "used", value: "no" },
  { label: "Anonymous", field: "anonymous", value: "yes" },
];
/** Measuring reads every file of every volume: not more often than this for who comes back to the page. */
const SIZES_STALE_MS = 5 * 60_000;
const removalOf = ({ environment, volume, users = [] }: VolumeRow): Removal =>
  volumeRemoval(environment, volume.Name, users);

export function VolumesPage(): ReactNode {
  const navigate = useNavigate();
  const hosts = useSelectedHosts();
  const lists = useHostLists({
    environments: hosts.selected,
    key: "volumes",
    permission: "volume.view",
    read: async ({ id }, signal) =>
      (await dockerJson<{ readonly Volumes: readonly Volume[] | null }>(id, "/volumes", { signal })).Volumes ?? [],
  });
  const sizes = useHostLists({
    environments: hosts.selected,
    key: "volume sizes",
    permission: "system.view",
    read: (environment, signal) => readDiskUsage(environment, "volume", signal),
    staleMs: SIZES_STALE_MS,
  });
  const usages = useHostUsages();
  const rows = useMemo(() => volumeRows(lists.hosts, usages, sizes.hosts), [lists.hosts, usages, sizes.hosts]);
  const removing = useRemoving(rows, removalOf);
  const [creating, setCreating] = useState(false);
  const columns = useMemo(() => volumeColumns((row) => removing.ask([row])), [removing.ask]);
  const mayCreate = useAnyAllowed("volume.create", hosts.selected);
  const refresh = (ids: readonly number[]): void => void lists.refresh(ids);
  const measuring = sizes.hosts.filter(({ reading }) => reading).map(({ environment }) => environment.name);
  return (
    <>
      <ResourceList
        title="Volumes"
        icon={IconDatabase}
        hosts={hosts}
        lists={lists}
        rows={rows}
        columns={columns}
        rowLabel={({ volume, environment }) => `${volume.Name} on ${environment.name}`}
        onOpen={({ environment, volume }) =>
          void navigate({
            to: "/environments/$env/volumes/$volume",
            params: { env: environment.name, volume: volume.Name },
          })
        }
        fields={VOLUME_FIELDS}
        subject={volumeSubject}
        quick={QUICK}
        removing={removing}
        removal={VOLUME_REMOVAL}
        prune={VOLUME_PRUNE}
        emptyHint="Create one, or run a container that wants one."
        note={
          <Text fz="xs" c="dimmed" role="status" style={{ flex: "none" }}>
            {measuring.length > 0
              ? `Sizes are being measured on ${listed(measuring)}. That reads every file and can take minutes.`
              : "Sizes are of when the volumes were last measured; a dash where the host or the driver does not tell."}
          </Text>
        }
        actions={
          <ActionButton
            allowance={mayCreate}
            leftSection={<IconPlus size={16} aria-hidden />}
            onAct={() => setCreating(true)}
          >
            Create
          </ActionButton>
        }
      />
      <CreateVolumeDialog
        opened={creating}
        host={hosts.selected.length === 1 ? hosts.selected[0] : undefined}
        onClose={() => setCreating(false)}
        onCreated={refresh}
      />
    </>
  );
}
