import { Group, ScrollArea, Skeleton, Table, Text, Title } from "@mantine/core";
import type { Environment, JoinKey } from "@fairlead/protocol/rest";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { hub } from "../../../hub/client.ts";
import { ActionButton } from "../../../ui/action-button.tsx";
import { Age } from "../../../ui/age.tsx";
import { confirm } from "../../../ui/confirm.tsx";
import { ErrorNote } from "../../../ui/error-note.tsx";
import { count, formatTime } from "../../../ui/format.ts";
import { notifyDone, notifyFailed } from "../../../ui/notify.tsx";
import { StateMark } from "../../../ui/state-mark.tsx";

/** The join keys of a host, and who used them. */
export function JoinKeyTable({ environment }: { readonly environment: Environment }): ReactNode {
  const { id, name, agentToken, agent } = environment;
  const keys = useQuery({
    // An agent that joins, or a key that ends with the token, shows in these.
    queryKey: ["join-keys", id, agentToken?.createdAt, agentToken?.revokedAt, agent?.connectedAt],
    queryFn: ({ signal }) => hub.listJoinKeys(id, signal),
    placeholderData: keepPreviousData,
  });
  if (keys.error)
    return <ErrorNote error={keys.error} title="The join keys cannot be read" onRetry={() => void keys.refetch()} />;
  if (keys.data === undefined) return <Skeleton h={80} />;
  if (keys.data.length === 0) {
    return (
      <Text fz="sm" c="dimmed">
        There are no join keys. One lets an agent join, once.
      </Text>
    );
  }
  const open = keys.data.filter(({ state }) => state === "open").length;
  const revoke = async (): Promise<void> => {
    const yes = await confirm({
      title: `Revoke the open join keys of ${name}`,
      body: `${count(open, "join key")} of ${name} can be used no longer. An agent that joined already stays.`,
      action: `Revoke ${count(open, "join key")}`,
    });
    if (!yes) return;
    try {
      await hub.revokeJoinKeys(id);
      notifyDone(`The join keys of ${name} are revoked.`);
    } catch (error) {
      notifyFailed(`Revoking the join keys of ${name}`, error);
    }
    void keys.refetch();
  };
  return (
    <div>
      <Group justify="space-between" mb="xs">
        <Title order={3}>Join keys</Title>
        <ActionButton
          size="xs"
          variant="default"
          {...(open === 0 && { allowance: { allowed: false, reason: "No join key is open." } as const })}
          onAct={revoke}
        >
          Revoke the open ones
        </ActionButton>
      </Group>
      <ScrollArea type="auto" viewportProps={{ tabIndex: 0, "aria-label": "Join keys" }}>
        <Table miw={520}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>State</Table.Th>
              <Table.Th>Made</Table.Th>
              <Table.Th>Until</Table.Th>
              <Table.Th>Used by</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {keys.data.map((key) => (
              <Table.Tr key={key.id}>
                <Table.Td>
                  <StateMark tone={key.state === "open" ? "good" : "idle"}>{key.state}</StateMark>
                </Table.Td>
                <Table.Td>
                  <Age at={key.createdAt} />
                </Table.Td>
                <Table.Td>{formatTime(Date.parse(key.expiresAt))}</Table.Td>
                <Table.Td>
                  <UsedBy joinKey={key} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea>
    </div>
  );
}

function UsedBy({ joinKey: { usedBy, usedAt } }: { readonly joinKey: JoinKey }): ReactNode {
  if (usedBy === null) return "nobody";
  return (
    <>
      {usedBy.agentName} on {usedBy.hostname} ({usedBy.address}), <Age at={usedAt} />
    </>
  );
}
