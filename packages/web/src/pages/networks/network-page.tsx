import { SimpleGrid, Stack } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconPlugConnected, IconTrash } from "@tabler/icons-react";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { dockerJson } from "../../docker/call.ts";
import { isPredefined, type NetworkInspect } from "../../docker/networks.ts";
import { useActionAllowed } from "../../hub/access.ts";
import { containers } from "../../hub/containers.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { Age } from "../../ui/age.tsx";
import { Properties } from "../../ui/properties.tsx";
import { DetailPage, Section } from "../resources/detail-page.tsx";
import { useHostUsages } from "../resources/host-usages.ts";
import { KeyValues } from "../resources/key-values.tsx";
import { type Removal, RemoveDialog } from "../resources/remove-dialog.tsx";
import { networkUsers } from "../resources/usage.ts";
import { ConnectDialog } from "./connect-dialog.tsx";
import { ConnectedTable } from "./connected-table.tsx";
import { networkMarks } from "./network-columns.tsx";
import { hostGraph } from "./network-graph.ts";
import { NetworkPicture } from "./network-picture.tsx";
import { NETWORK_REMOVAL, networkRemoval, PREDEFINED_REASON } from "./network-rows.ts";

export function NetworkPage(): ReactNode {
  const { env = "", network: id = "" } = useParams({ strict: false }) as { env?: string; network?: string };
  const navigate = useNavigate();
  const [removals, setRemovals] = useState<readonly Removal[]>();
  const usages = useHostUsages();
  return (
    <>
      <DetailPage<NetworkInspect>
        env={env}
        noun="network"
        id={id}
        permission="network.view"
        list={{ to: "/networks", label: "Networks" }}
        read={(environment, signal) =>
          dockerJson<NetworkInspect>(environment.id, `/networks/${encodeURIComponent(id)}`, { signal })
        }
        title={({ Name }) => Name}
        inspect={(network) => network}
        actions={(network, environment, refresh) => (
          <Actions
            network={network}
            environment={environment}
            onChanged={() => {
              containers.refresh(environment.id);
              void refresh();
            }}
            onRemove={() => {
              const usage = usages.get(environment.id);
              const users = usage ? networkUsers(usage, network.Name) : [];
              setRemovals([networkRemoval(environment, network, users)]);
            }}
          />
        )}
        tabs={(environment) => [
          {
            id: "overview",
            label: "Overview",
            content: (network) => <Overview network={network} environment={environment} />,
          },
        ]}
      />
      <RemoveDialog
        {...NETWORK_REMOVAL}
        removals={removals}
        onClose={() => setRemovals(undefined)}
        onRemoved={() => void navigate({ to: "/networks" })}
      />
    </>
  );
}

function Actions({
  network,
  environment,
  onChanged,
  onRemove,
}: {
  readonly network: NetworkInspect;
  readonly environment: Environment;
  readonly onChanged: () => void;
  readonly onRemove: () => void;
}): ReactNode {
  const [connecting, setConnecting] = useState(false);
  const mayRemove = useActionAllowed("network.remove", environment);
  const mayConnect = useActionAllowed("network.connect", environment);
  const predefined = isPredefined(network);
  return (
    <>
      <ActionButton
        size="xs"
        variant="default"
        allowance={
          network.Name === "host" || network.Name === "none"
            ? { allowed: false, reason: `A container is on ${network.Name} from its start, or never.` }
            : mayConnect
        }
        leftSection={<IconPlugConnected size={15} aria-hidden />}
        onAct={() => setConnecting(true)}
      >
        Connect
      </ActionButton>
      <ActionButton
        size="xs"
        variant="default"
        allowance={predefined ? { allowed: false, reason: `${network.Name} stays: ${PREDEFINED_REASON}` } : mayRemove}
        leftSection={<IconTrash size={15} aria-hidden />}
        onAct={onRemove}
      >
        Remove
      </ActionButton>
      <ConnectDialog
        opened={connecting}
        environment={environment}
        network={network}
        onClose={() => setConnecting(false)}
        onConnected={onChanged}
      />
    </>
  );
}

function Overview({
  network,
  environment,
}: {
  readonly network: NetworkInspect;
  readonly environment: Environment;
}): ReactNode {
  const usage = useHostUsages().get(environment.id);
  const users = usage && networkUsers(usage, network.Name);
  const graph = useMemo(() => hostGraph([network], users ?? []), [network, users]);
  const predefined = isPredefined(network);
  return (
    <Stack gap="md">
      <Section title="Who is connected">
        {graph.containers.length > 0 && (
          <NetworkPicture
            environmentName={environment.name}
            graph={graph}
            label={`${network.Name} and its containers`}
          />
        )}
        <ConnectedTable network={network} environment={environment} users={users} />
      </Section>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Section title="Network">
          <Properties
            items={[
              ["Driver", network.Driver],
              ["Scope", network.Scope],
              ["Kind", networkMarks({ network, predefined }).join(", ") || "ordinary"],
              ["Created", <Age key="created" at={network.Created} fallback="not known" />],
              [
                "Id",
                <span key="id" className="mono">
                  {network.Id}
                </span>,
              ],
            ]}
          />
        </Section>
        <Section title="Addresses (IPAM)">
          <Properties
            items={[
              ["Driver", network.IPAM?.Driver],
              ...(network.IPAM?.Config ?? []).flatMap(({ Subnet, Gateway, IPRange }, index): [string, ReactNode][] => {
                const suffix = index === 0 ? "" : ` ${index + 1}`;
                return [
                  [`Subnet${suffix}`, Subnet],
                  [`Gateway${suffix}`, Gateway],
                  [`Range${suffix}`, IPRange],
                ];
              }),
              ...Object.entries(network.IPAM?.Options ?? {}),
            ]}
          />
        </Section>
        <Section title="Options">
          <KeyValues values={network.Options} none="None." />
        </Section>
        <Section title="Labels">
          <KeyValues values={network.Labels} none="The network has no labels." />
        </Section>
      </SimpleGrid>
    </Stack>
  );
}
