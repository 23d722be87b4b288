import { Badge, Group, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import type { ReactNode } from "react";

/** Kind of a host, versions of engine and agent, and the policy of its agent. */
export function HostVersions({ environment }: { readonly environment: Environment }): ReactNode {
  const { kind, engineInfo, agent } = environment;
  return (
    <div className="ellipsis">
      <div className="ellipsis">{engineInfo === null ? "Engine not known" : `Engine ${engineInfo.version}`}</div>
      <Group gap={6} wrap="nowrap">
        <Text span fz="xs" c="dimmed" className="ellipsis">
          {kind}
          {agent !== null && `, agent ${agent.version}`}
        </Text>
        {agent !== null && agent.policy !== null && <PolicyBadge policy={agent.policy} />}
      </Group>
    </div>
  );
}

/** What the host itself lets hubs do. */
export function PolicyBadge({ policy }: { readonly policy: string }): ReactNode {
  return (
    <Badge
      size="xs"
      variant="default"
      radius="sm"
      tt="none"
      title={`Policy of the host's agent: ${policy}`}
      maw={110}
      style={{ flex: "none" }}
    >
      {policy}
    </Badge>
  );
}
