import { Box, Table, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { disconnectContainer, type NetworkInspect } from "../../docker/networks.ts";
import { isAlive, toneOfState, type UsingContainer } from "../../docker/using-container.ts";
import { useActionAllowed } from "../../hub/access.ts";
import { containers } from "../../hub/containers.ts";
import { ActionIconButton } from "../../ui/action-button.tsx";
import { confirm } from "../../ui/confirm.tsx";
import { notifyDone, notifyFailed } from "../../ui/notify.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { ContainerLink } from "../resources/used-by.tsx";

interface ConnectedTableProps {
  readonly network: NetworkInspect;
  readonly environment: Environment;
  readonly users: readonly UsingContainer[] | undefined;
}

/** Who belongs to a network, with addresses; and the way off it. */
export function ConnectedTable({ network, environment, users }: ConnectedTableProps): ReactNode {
  const allowance = useActionAllowed("network.connect", environment);
  const client = useQueryClient();
  const disconnect = async (user: UsingContainer): Promise<void> => {
    const sure = await confirm({
      title: "Disconnect a container",
      body: (
        <Text fz="sm">
          {user.name} leaves {network.Name} on {environment.name}.{" "}
          {isAlive(user) ? "Its connections over it break." : ""}
          {user.networks.length === 1 && " It is on no other network."}
        </Text>
      ),
      action: `Disconnect ${user.name}`,
    });
    if (!sure) return;
    try {
      await disconnectContainer(environment.id, network.Id, user.id);
      notifyDone(`Disconnected ${user.name} from ${network.Name}`);
    } catch (error) {
      notifyFailed(`Disconnecting ${user.name} from ${network.Name}`, error);
    }
    containers.refresh(environment.id);
    await client.invalidateQueries({ queryKey: ["docker", environment.id] });
  };
  if (users === undefined)
    return (
      <Text c="dimmed" fz="sm">
        The containers of {environment.name} are not known.
      </Text>
    );
  if (users.length === 0)
    return (
      <Text c="dimmed" fz="sm">
        No container belongs to this network.
      </Text>
    );
  return (
    <Box style={{ overflowX: "auto" }} tabIndex={0} role="region" aria-label="Connected containers">
      <Table aria-label={`Containers on ${network.Name}`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Container</Table.Th>
            <Table.Th scope="col">State</Table.Th>
            <Table.Th scope="col">Address</Table.Th>
            <Table.Th scope="col" visibleFrom="sm">
              MAC address
            </Table.Th>
            <Table.Th scope="col" w={48}>
              <span className="visually-hidden">Actions</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {users.map((user) => {
            const now = network.Containers?.[user.id];
            const use = user.networks.find(({ name }) => name === network.Name);
            const addresses = [now?.IPv4Address, now?.IPv6Address].filter(Boolean);
            return (
              <Table.Tr key={user.id}>
                <Table.Td>
                  <ContainerLink environmentName={environment.name} container={user} />
                </Table.Td>
                <Table.Td>
                  <StateMark tone={toneOfState(user.state)}>{user.state}</StateMark>
                </Table.Td>
                <Table.Td className="mono">{addresses.join(", ") || use?.address || "–"}</Table.Td>
                <Table.Td className="mono" visibleFrom="sm">
                  {now?.MacAddress || "–"}
                </Table.Td>
                <Table.Td>
                  <ActionIconButton
                    label={`Disconnect ${user.name}`}
                    allowance={allowance}
                    onAct={() => disconnect(user)}
                  >
                    <IconPlugConnectedX size={16} aria-hidden />
                  </ActionIconButton>
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Box>
  );
}
