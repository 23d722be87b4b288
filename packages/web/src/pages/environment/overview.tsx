import { Stack, Text, Title } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import type { ReactNode } from "react";
import { formatBytes } from "../../ui/format.ts";
import { Age } from "../../ui/age.tsx";
import { Properties } from "../../ui/properties.tsx";
import { PolicyBadge } from "../fleet/host-versions.tsx";
import { HostCharts } from "../metrics/host-charts.tsx";
import { ContainersCard } from "./containers-card.tsx";
import { InfoCard } from "./info-card.tsx";
import { QuickLinks } from "./quick-links.tsx";

/** What is known of a host. */
export function Overview({ environment }: { readonly environment: Environment }): ReactNode {
  return (
    <Stack gap="md">
      <QuickLinks environment={environment} />
      <div className="fl-cards">
        <ContainersCard environment={environment} />
        <EngineCard environment={environment} />
        <AgentCard environment={environment} />
      </div>
      <section>
        <Title order={2} mb="sm">
          Figures
        </Title>
        <HostCharts environment={environment} />
      </section>
    </Stack>
  );
}

function EngineCard({ environment }: { readonly environment: Environment }): ReactNode {
  const { engineInfo, engine, snapshotAt } = environment;
  return (
    <InfoCard
      title="Engine"
      {...(engineInfo !== null &&
        engine.state !== "up" && {
          aside: (
            <>
              as of <Age at={snapshotAt} fallback="long ago" />
            </>
          ),
        })}
    >
      {engineInfo === null && (
        <Text fz="sm" c="dimmed" mb="xs">
          Its engine has not told anything yet.
        </Text>
      )}
      <Properties
        items={[
          ["Version", engineInfo?.version],
          ["API", engineInfo?.apiVersion],
          ["System", engineInfo && `${engineInfo.os}, ${engineInfo.arch}`],
          ["CPUs", engineInfo?.cpus],
          ["Memory", engineInfo && formatBytes(engineInfo.memoryBytes)],
          ["Images", engineInfo?.images],
        ]}
      />
    </InfoCard>
  );
}

function AgentCard({ environment }: { readonly environment: Environment }): ReactNode {
  const { agent, kind } = environment;
  if (agent === null) {
    const why =
      kind === "edge"
        ? "No agent has joined yet. Make a join key under Manage, and start an agent with it."
        : kind === "standard"
          ? "The agent has not answered yet."
          : `An environment of kind ${kind} has no agent: the hub talks to the engine itself, so there are no figures of the host.`;
    return (
      <InfoCard title="Agent">
        <Text fz="sm" c="dimmed">
          {why}
        </Text>
      </InfoCard>
    );
  }
  const isConnected = agent.disconnectedAt === null;
  return (
    <InfoCard title="Agent">
      <Properties
        items={[
          ["Name", agent.agentName],
          ["Host name", agent.hostname],
          ["Id", <span className="mono">{agent.agentId}</span>],
          ["Version", agent.version],
          ["Protocol", agent.protocol],
          ["Can", agent.capabilities.join(", ")],
          ["Policy", agent.policy === null ? "full: hubs may do everything" : <PolicyBadge policy={agent.policy} />],
          ["Address", agent.address],
          ["Round trip", isConnected && agent.latencyMs !== null ? `${agent.latencyMs.toFixed(1)} ms` : undefined],
          [
            isConnected ? "Connected" : "Disconnected",
            <Age at={isConnected ? agent.connectedAt : agent.disconnectedAt} />,
          ],
        ]}
      />
    </InfoCard>
  );
}
