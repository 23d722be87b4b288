import { List, Stack, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import type { ReactNode } from "react";
import type { ContainerAction } from "../../docker/container-actions.ts";
import type { ContainerInspect } from "../../docker/container-inspect.ts";
import type { Question } from "../../ui/confirm.tsx";
import { count } from "../../ui/format.ts";

interface Subject {
  readonly environment: Environment;
  readonly name: string;
  readonly inspect: ContainerInspect | undefined;
  readonly state: string | undefined;
}

/** What is asked before a container is killed or removed: exactly what happens to what. */
export function questionBefore(action: ContainerAction, subject: Subject): Question {
  const { name, environment } = subject;
  return {
    title: `${action.label} ${name} on ${environment.name}?`,
    body: action.name === "remove" ? <Removal {...subject} /> : <Killing name={name} />,
    action: `${action.label} ${name}`,
  };
}

function Killing({ name }: { readonly name: string }): ReactNode {
  return (
    <Text>
      The main process of {name} gets SIGKILL at once: it cannot finish what it does, nor save it. Stop gives it time
      for that.
    </Text>
  );
}

function Removal({ name, inspect, state }: Subject): ReactNode {
  const isAlive = state === "running" || state === "paused" || state === "restarting";
  const volumes = (inspect?.Mounts ?? []).filter(({ Type }) => Type === "volume");
  return (
    <Stack gap="xs">
      <List size="sm" spacing={4}>
        {isAlive && <List.Item>It is {state}: it is killed first, without time to save anything.</List.Item>}
        <List.Item>What it wrote outside of its mounts is gone for good, and so are its logs.</List.Item>
        <List.Item>
          {volumes.length === 0
            ? "It has no volumes. Files of the host that are mounted into it stay."
            : `${count(volumes.length, "volume")} and what is mounted of the host stay, volumes without a name of their own too:`}
        </List.Item>
      </List>
      {volumes.length > 0 && (
        <Text fz="xs" className="mono" style={{ overflowWrap: "anywhere" }}>
          {volumes.map(({ Name, Destination }) => `${Name} (${Destination})`).join(", ")}
        </Text>
      )}
      {inspect?.HostConfig.AutoRemove === true && (
        <Text fz="sm">{name} was started with --rm, and would remove itself when it stops.</Text>
      )}
    </Stack>
  );
}
