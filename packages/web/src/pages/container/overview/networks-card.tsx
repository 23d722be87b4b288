import { Box, Stack, Text, Title } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ContainerInspect, Endpoint } from "../../../docker/container-inspect.ts";
import { Properties } from "../../../ui/properties.tsx";
import { Card } from "./card.tsx";
import { publishedPorts, type PublishedPort } from "./published-ports.ts";

interface NetworksCardProps {
  readonly environment: Environment;
  readonly inspect: ContainerInspect;
}

export function NetworksCard({ environment, inspect }: NetworksCardProps): ReactNode {
  const networks = Object.entries(inspect.NetworkSettings.Networks ?? {});
  const ports = publishedPorts(inspect, location.hostname, environment.kind === "socket");
  const mode = inspect.HostConfig.NetworkMode ?? "";
  return (
    <Card title="Ports and networks">
      <Stack gap="sm">
        {ports.length === 0 ? (
          <Text fz="sm" c="dimmed">
            No port is exposed.
          </Text>
        ) : (
          <Box component="ul" m={0} pl="md">
            {ports.map((port) => (
              <li key={`${port.container} ${port.host}`}>
                <Port port={port} />
              </li>
            ))}
          </Box>
        )}
        {networks.map(([name, endpoint]) => (
          <NetworkPart key={name} environment={environment} name={name} endpoint={endpoint} id={inspect.Id} />
        ))}
        {networks.length === 0 && (
          <Text fz="sm" c="dimmed">
            {mode.startsWith("container:")
              ? `It uses the network of the container ${mode.slice(10, 22)}.`
              : "It is in no network."}
          </Text>
        )}
      </Stack>
    </Card>
  );
}

function Port({ port }: { readonly port: PublishedPort }): ReactNode {
  if (port.host === undefined) return <span className="tabular">{port.container}, for its networks only</span>;
  const text = `${port.host} → ${port.container}`;
  if (port.link === undefined) return <span className="tabular">{text}</span>;
  return (
    <a href={port.link} target="_blank" rel="noreferrer" className="fl-link tabular">
      {text}
    </a>
  );
}

function NetworkPart({
  environment,
  name,
  endpoint,
  id,
}: {
  readonly environment: Environment;
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly id: string;
}): ReactNode {
  const aliases = (endpoint.Aliases ?? []).filter((alias) => !id.startsWith(alias));
  return (
    <div>
      <Title order={3} mb={4}>
        <Link
          to="/environments/$env/networks/$network"
          params={{ env: environment.name, network: name }}
          className="fl-link"
        >
          {name}
        </Link>
      </Title>
      <Properties
        items={[
          ["IP address", endpoint.IPAddress ? `${endpoint.IPAddress}/${endpoint.IPPrefixLen ?? ""}` : undefined],
          ["IPv6 address", endpoint.GlobalIPv6Address],
          ["Gateway", endpoint.Gateway],
          ["MAC address", endpoint.MacAddress],
          ["Aliases", aliases.join(", ")],
        ]}
      />
    </div>
  );
}
