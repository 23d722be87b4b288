import { SegmentedControl } from "@mantine/core";
import { IconNetwork, IconPlus } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { useSearchText } from "../../app/search-text.ts";
import { dockerJson } from "../../docker/call.ts";
import type { Network } from "../../docker/networks.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { shortId } from "../../ui/format.ts";
import { useAnyAllowed } from "../resources/host-choice.tsx";
import { useHostLists } from "../resources/host-lists.ts";
import { useHostUsages } from "../resources/host-usages.ts";
import { NETWORK_PRUNE } from "../resources/prune-kind.ts";
import type { Removal } from "../resources/remove-dialog.tsx";
import { useRemoving } from "../resources/removing.ts";
import { ResourceList } from "../resources/resource-list.tsx";
import { useSelectedHosts } from "../resources/selected-hosts.ts";
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
const removalOf = ({ environment, network, users = [] }: NetworkRow): Removal =>
  networkRemoval(environment, network, users);

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
  const removing = useRemoving(rows, removalOf);
  const [creating, setCreating] = useState(false);
  const columns = useMemo(() => networkColumns((row) => removing.ask([row])), [removing.ask]);
  const mayCreate = useAnyAllowed("network.create", hosts.selected);
  const refresh = (ids: readonly number[]): void => void lists.refresh(ids);
  const isPicture = view === "picture";
  return (
    <>
      <ResourceList
        title="Networks"
        icon={IconNetwork}
        hosts={hosts}
        lists={lists}
        rows={rows}
        columns={columns}
        rowLabel={({ network, environment }) => `${network.Name} on ${environment.name}`}
        onOpen={({ environment, network }) =>
          void navigate({
            to: "/environments/$env/networks/$network",
            params: { env: environment.name, network: shortId(network.Id) },
          })
        }
        fields={NETWORK_FIELDS}
        subject={networkSubject}
        quick={QUICK}
        removing={removing}
        removal={NETWORK_REMOVAL}
        prune={NETWORK_PRUNE}
        emptyHint="Every engine has networks of its own; if none is shown, no host was read."
        {...(isPicture && { view: (shown: readonly NetworkRow[]) => <HostPictures rows={shown} /> })}
        viewChoice={
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
      <CreateNetworkDialog
        opened={creating}
        host={hosts.selected.length === 1 ? hosts.selected[0] : undefined}
        onClose={() => setCreating(false)}
        onCreated={refresh}
      />
    </>
  );
}
