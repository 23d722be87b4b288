import { Stack, Text } from "@mantine/core";
import { IconNetwork } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Section } from "../resources/detail-page.tsx";
import { MembershipTable } from "./membership-table.tsx";
import { hostGraph } from "./network-graph.ts";
import { NetworkPicture } from "./network-picture.tsx";
import type { NetworkRow } from "./network-rows.ts";

/** More hosts than this are chosen one by one: pictures of a fleet below each other show nothing. */
const MAX_HOSTS = 12;

/** A picture of each host's networks. */
export function HostPictures({ rows }: { readonly rows: readonly NetworkRow[] }): ReactNode {
  const hosts = useMemo(() => [...Map.groupBy(rows, ({ environment }) => environment.id).values()], [rows]);
  return (
    <Stack gap="md" style={{ flex: 1, minHeight: 0, overflow: "auto" }} tabIndex={0} role="group" aria-label="Pictures">
      {hosts.slice(0, MAX_HOSTS).map((of) => (
        <HostPicture key={of[0]?.environment.id} rows={of} />
      ))}
      {hosts.length > MAX_HOSTS && (
        <Text c="dimmed" fz="sm">
          {hosts.length - MAX_HOSTS} more hosts are not drawn. Choose one above to see its networks.
        </Text>
      )}
    </Stack>
  );
}

function HostPicture({ rows }: { readonly rows: readonly NetworkRow[] }): ReactNode {
  const name = rows[0]?.environment.name ?? "";
  const known = rows.every(({ users }) => users !== undefined);
  const graph = useMemo(() => {
    const containers = new Map(rows.flatMap(({ users = [] }) => users.map((user) => [user.id, user] as const)));
    return hostGraph(
      rows.map(({ network }) => network),
      [...containers.values()],
    );
  }, [rows]);
  return (
    <Section
      title={name}
      aside={
        <Link to="/environments/$env" params={{ env: name }} className="fl-link">
          Open the host
        </Link>
      }
    >
      {known ? (
        <>
          <NetworkPicture environmentName={name} graph={graph} label={`Networks of ${name} and their containers`} />
          <MembershipTable
            environmentName={name}
            networks={rows.map(({ network, users = [] }) => ({ network, users }))}
          />
        </>
      ) : (
        <EmptyState icon={IconNetwork} title={`The containers of ${name} are not known`}>
          They are read with the fleet. If they stay unknown, you may not see containers there.
        </EmptyState>
      )}
    </Section>
  );
}
