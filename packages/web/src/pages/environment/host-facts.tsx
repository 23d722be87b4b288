import { Group, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Age } from "../../ui/age.tsx";
import { labelTerm } from "../fleet/fleet-row.ts";

const KINDS: Record<Environment["kind"], string> = {
  edge: "Edge: its agent dials this hub",
  standard: "Standard: this hub dials its agent",
  direct: "Direct: this hub dials its engine",
  socket: "Socket of the hub's machine",
};

export interface HostFactsProps {
  readonly environment: Environment;
  /** Why its state is as it is. */
  readonly reason: string | null;
}

/** Under a host's name: why it is as it is, how it is reached, its labels. */
export function HostFacts({ environment, reason }: HostFactsProps): ReactNode {
  const { kind, address, labels, createdAt } = environment;
  return (
    <>
      {reason !== null && (
        <Text fz="sm" c="var(--mantine-color-text)" style={{ overflowWrap: "anywhere" }}>
          {reason}
        </Text>
      )}
      <Group gap="xs">
        <span>
          {KINDS[kind]}
          {address !== null && ` at ${address}`}, added <Age at={createdAt} />
        </span>
        {Object.entries(labels).map(([name, value]) => (
          <Link
            key={name}
            to="/"
            search={{ q: labelTerm(name, value) }}
            className="fl-label"
            style={{ textDecoration: "none" }}
            title={`Hosts with ${name}=${value}`}
          >
            {name}={value}
          </Link>
        ))}
      </Group>
    </>
  );
}
