import { SegmentedControl, Text } from "@mantine/core";
import { IconNetwork, IconPlus, IconSparkles, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { useSearchText } from "../../app/search-text.ts";
import { dockerJson } from "../../docker/call.ts";
import type { Network } from "../../docker/networks.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { count, shortId } from "../../ui/format.ts";
import { useAnyAllowed } from "../resources/host-choice.tsx";
import { useHostLists } from "../resources/host-lists.ts";
import { useHostUsages } from "../resources/host-usages.ts";
import { PruneDialog } from "../resources/prune-dialog.tsx";
import { NETWORK_PRUNE } from "../resources/prune-kind.ts";
import { type Removal, RemoveDialog } from "../resources/remove-dialog.tsx";
import { ResourceList } from "../resources/resource-list.tsx";
import { useSelectedHosts } from "../resources/selected-hosts.ts";
import { useTicked } from "../resources/ticked.ts";
import { CreateNetworkDialog } from "./create-network-dialog.tsx";
import { HostPictures } from "./host-pictures.tsx";
import { networkColumns } from "./network-columns.tsx";
import {
  NETWORK_FIELDS,
  NETWORK_REMOVAL,
  networkRemoval,
  type NetworkRow,
  networkRows,
  networkSubject,
} from "./network-rows.ts";

const QUICK = [
  { label: "Unused", field: "used", value: "no" },
  { label: "Internal", field: "internal", value: "yes" },
];
const keyOf = ({ key }: NetworkRow): string => key;

export function NetworksPage(): ReactNode {
  const navigate = useNavigate();
  const hosts = useSelectedHosts();
  const [view, setView] = useSearchText("view");
  const lists = useHostLists({
    environments: hosts.selected,
    key: "networks",
    permission: "network.view",
    read: ({ id }, signal) => dockerJson<Network[]>(id, "/networks", { signal }),
  });
  const usages = useHostUsages();
  const rows = useMemo(() => networkRows(lists.hosts, usages), [lists.hosts, usages]);
  const ticked = useTicked(rows);
  const [creating, setCreating] = useState(false);
  const [pruning, setPruning] = useState(false);
  const [removals, setRemovals] = useState<readonly Removal[]>();
  const remove = (list: readonly NetworkRow[]): void =>
    setRemovals(list.map(({ environment, network, users = [] }) => networkRemoval(environment, network, users)));
  const columns = useMemo(() => networkColumns((row) => remove([row])), []);
  const mayCreate = useAnyAllowed("network.create", hosts.selected);
  const mayRemove = useAnyAllowed("network.remove", hosts.selected);
  const mayRemoveTicked = useAnyAllowed(
    "network.remove",
    ticked.rows.map(({ environment }) => environment),
  );
  const refresh = (ids: readonly number[]): void => void lists.refresh(ids);
  const isPicture = view === "picture";
  return (
    <>
      <ResourceList<NetworkRow>
        title="Networks"
        noun="network"
        icon={IconNetwork}
        hosts={hosts}
        lists={lists}
        rows={rows}
        columns={columns}
        rowKey={keyOf}
        rowLabel={({ network, environment }) => `${network.Name} on ${environment.name}`}
        defaultSort={{ id: "name" }}
        onOpen={({ environment, network }) =>
          void navigate({
            to: "/environments/$env/networks/$network",
            params: { env: environment.name, network: shortId(network.Id) },
          })
        }
        selection={ticked.keys}
        onSelect={ticked.set}
        fields={NETWORK_FIELDS}
        subject={networkSubject}
        quick={QUICK}
        emptyHint="Every engine has networks of its own; if none is shown, no host was read."
        {...(isPicture && { view: (shown) => <HostPictures rows={shown} /> })}
        actions={
          <>
            <SegmentedControl
              aria-label="View"
              size="xs"
              value={isPicture ? "picture" : "table"}
              onChange={(value) => setView(value === "table" ? "" : value)}
              data={[
                { value: "table", label: "Table" },
                { value: "picture", label: "Picture" },
              ]}
            />
            <ActionButton
              variant="default"
              allowance={mayRemove}
              leftSection={<IconSparkles size={16} aria-hidden />}
              onAct={() => setPruning(true)}
            >
              Prune
            </ActionButton>
            <ActionButton
              allowance={mayCreate}
              leftSection={<IconPlus size={16} aria-hidden />}
              onAct={() => setCreating(true)}
            >
              Create
            </ActionButton>
          </>
        }
        {...(ticked.rows.length > 0 &&
          !isPicture && {
            selectionActions: (
              <>
                <Text fz="sm" fw={550}>
                  {count(ticked.rows.length, "network")} ticked
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
      <CreateNetworkDialog
        opened={creating}
        host={hosts.selected.length === 1 ? hosts.selected[0] : undefined}
        onClose={() => setCreating(false)}
        onCreated={refresh}
      />
      <RemoveDialog
        {...NETWORK_REMOVAL}
        removals={removals}
        onClose={() => setRemovals(undefined)}
        onRemoved={(removed) => {
          ticked.clear();
          refresh(removed.map(({ environment }) => environment.id));
        }}
      />
      <PruneDialog
        opened={pruning}
        kind={NETWORK_PRUNE}
        environments={hosts.selected}
        onClose={() => setPruning(false)}
        onPruned={refresh}
      />
    </>
  );
}
