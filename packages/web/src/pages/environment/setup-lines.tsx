import { Alert, Code, Stack, Tabs, Text, TextInput } from "@mantine/core";
import { agentSetup, AGENT_SETUP_WAYS, joinSetup } from "@fairlead/api-client";
import { type ReactNode, useState } from "react";
import { CodeLines } from "../../ui/code-lines.tsx";
import { hubUrlOf, isOwnMachine } from "./hub-url.ts";

/** What an agent is started with: a join key, or a token. */
export type AgentSecret = { readonly joinKey: string } | { readonly token: string };

const TAB_NAMES: Record<(typeof AGENT_SETUP_WAYS)[number]["key"], string> = {
  docker: "docker run",
  compose: "compose",
  systemd: "systemd",
  shell: "fairlead agent",
};

/** The lines that start a host's agent, ready to paste; the same as the command line prints. */
export function SetupLines({ secret }: { readonly secret: AgentSecret }): ReactNode {
  const [address, setAddress] = useState(location.origin);
  const url = hubUrlOf(address);
  const setup =
    "joinKey" in secret
      ? joinSetup(url ?? location.origin, secret.joinKey)
      : agentSetup(url ?? location.origin, secret.token);
  const word = "joinKey" in secret ? "join key" : "token";
  return (
    <Stack gap="sm">
      <TextInput
        label="This hub, as the host reaches it"
        value={address}
        onChange={({ currentTarget }) => setAddress(currentTarget.value)}
        error={url === undefined && "An address starts with http:// or https://, such as https://hub.example."}
      />
      {url !== undefined && isOwnMachine(url) && (
        <Text fz="xs" c="dimmed">
          {new URL(url).hostname} is the machine itself. Unless the host is this one, and the agent no container, put
          the hub's name or address in the network here.
        </Text>
      )}
      <Tabs defaultValue="docker" keepMounted={false}>
        <Tabs.List aria-label="Ways to start the agent">
          {AGENT_SETUP_WAYS.map(({ key }) => (
            <Tabs.Tab key={key} value={key}>
              {TAB_NAMES[key]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {AGENT_SETUP_WAYS.map(({ key, title }) => (
          <Tabs.Panel key={key} value={key} pt="xs">
            {title !== TAB_NAMES[key] && (
              <Text fz="xs" c="dimmed" mb={4}>
                {title}
              </Text>
            )}
            <CodeLines text={setup[key]} what={`the lines for ${TAB_NAMES[key]}`} />
          </Tabs.Panel>
        ))}
      </Tabs>
      {"token" in secret && (
        <Text fz="sm" c="dimmed">
          An agent that is deployed already (Hawser) only needs this hub&apos;s address,{" "}
          <Code>{setup.serverUrl.replace(/\/api\/v1\/agents\/connect$/, "/api/hawser/connect")}</Code>, and the token as
          its <Code>TOKEN</Code>.
        </Text>
      )}
      <Alert variant="light" color="gray" p="xs">
        The lines hold the {word}, which is shown this once: whoever has them can be this host's agent.
      </Alert>
    </Stack>
  );
}
