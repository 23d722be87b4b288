import { Badge, Group, Text } from "@mantine/core";
import type { Environment, JoinKey } from "@fairlead/protocol/rest";
import { IconServer2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { allowance } from "../../../hub/access.ts";
import { hub } from "../../../hub/client.ts";
import { useEnvironments } from "../../../hub/environments.ts";
import { useMe } from "../../../hub/session.ts";
import { ActionButton } from "../../../ui/action-button.tsx";
import { Age } from "../../../ui/age.tsx";
import { confirm } from "../../../ui/confirm.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { count } from "../../../ui/format.ts";
import { notifyDone, notifyFailed } from "../../../ui/notify.tsx";
import { HostLink } from "../../environment/host-link.tsx";
import { PlainTable } from "../plain-table.tsx";
import { Section } from "../section.tsx";

/** Environments with what their agents get in with. What is done to one is done on its own page. */
export function EnvironmentsSection(): ReactNode {
  const { list, loaded } = useEnvironments();
  return (
    <Section
      title="Environments and join keys"
      description="How each host is reached, and what its agent gets in with. Add hosts on the fleet page; change one on its own page."
    >
      {loaded && list.length === 0 ? (
        <EmptyState
          icon={IconServer2}
          title="No environments"
          action={
            <Link to="/" className="fl-link">
              To the fleet
            </Link>
          }
        >
          The fleet page adds them.
        </EmptyState>
      ) : (
        <PlainTable
          label="Environments"
          rows={list}
          rowKey={({ id }) => id}
          columns={[
            {
              header: "Name",
              cell: ({ name }) => <HostLink name={name} />,
            },
            { header: "Reached", cell: ({ kind, address }) => <Reached kind={kind} address={address} /> },
            { header: "Agent's token", wideOnly: true, cell: ({ agentToken }) => <TokenState token={agentToken} /> },
            { header: "Join keys", cell: (environment) => <JoinKeys environment={environment} /> },
            { header: "Added", wideOnly: true, cell: ({ createdAt }) => <Age at={createdAt} /> },
          ]}
        />
      )}
    </Section>
  );
}

function Reached({ kind, address }: Pick<Environment, "kind" | "address">): ReactNode {
  return (
    <>
      <Badge variant="light" color="gray">
        {kind}
      </Badge>{" "}
      {address !== null && (
        <Text span fz="xs" c="dimmed" className="mono">
          {address}
        </Text>
      )}
    </>
  );
}

function TokenState({ token }: { token: Environment["agentToken"] }): ReactNode {
  if (token === null) return <Text c="dimmed">none</Text>;
  if (token.revokedAt !== null) {
    return (
      <Text className="fl-text-bad">
        revoked <Age at={token.revokedAt} />
      </Text>
    );
  }
  return (
    <>
      used <Age at={token.lastUsedAt} />
      {token.previousValidUntil !== null && (
        <Text fz="xs" c="dimmed">
          the one before works until {new Date(token.previousValidUntil).toLocaleString()}
        </Text>
      )}
    </>
  );
}

function JoinKeys({ environment }: { environment: Environment }): ReactNode {
  const { id, kind, name } = environment;
  const may = allowance(useMe(), "environment.manage", environment);
  const query = useQuery({
    queryKey: ["join-keys", id],
    queryFn: ({ signal }) => hub.listJoinKeys(id, signal),
    enabled: kind === "edge" && may.allowed,
  });
  if (kind !== "edge") return <Text c="dimmed">–</Text>;
  if (!may.allowed) return <Text c="dimmed">for who manages it</Text>;
  const open = (query.data ?? []).filter(({ state }) => state === "open");
  const last = query.data?.[0];
  const revoke = async (): Promise<void> => {
    const yes = await confirm({
      title: `Revoke the join keys of ${name}`,
      body: `${count(open.length, "open join key")} of ${name} can no longer be used. An agent that joined already stays.`,
      action: "Revoke the join keys",
    });
    if (!yes) return;
    await hub.revokeJoinKeys(id).then(
      () => notifyDone(`The open join keys of ${name} were revoked.`),
      (error: unknown) => notifyFailed("Revoking the join keys", error),
    );
    void query.refetch();
  };
  if (open.length === 0) return <Text c="dimmed">{last ? lastKey(last) : "none"}</Text>;
  return (
    <Group gap="xs" wrap="nowrap">
      <span>
        {open.length} open, until {new Date(open[0]?.expiresAt ?? 0).toLocaleString()}
      </span>
      <ActionButton size="xs" variant="default" aria-label={`Revoke the join keys of ${name}`} onAct={revoke}>
        Revoke
      </ActionButton>
    </Group>
  );
}

function lastKey({ state, usedBy }: JoinKey): string {
  return state === "used" && usedBy ? `used by ${usedBy.hostname}` : state;
}
