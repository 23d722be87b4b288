import { Box, Button, Group, List, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { ContainerInspect } from "../../../docker/container-inspect.ts";
import { DiffView } from "../../../ui/diff-view.tsx";
import type { CreateBody } from "./create-body.ts";

interface RecreatePreviewProps {
  readonly name: string;
  readonly inspect: ContainerInspect;
  readonly before: CreateBody;
  readonly after: CreateBody;
  readonly pull: boolean;
  readonly onBack: () => void;
  readonly onRun: () => void;
}

/** What changes, and what will be done; without it nothing is. */
export function RecreatePreview({
  name,
  inspect,
  before,
  after,
  pull,
  onBack,
  onRun,
}: RecreatePreviewProps): ReactNode {
  const [old, now] = [JSON.stringify(before, null, 2), JSON.stringify(after, null, 2)];
  return (
    <Stack gap="md">
      {old === now ? (
        <Text>
          Its configuration stays as it is. The new container is made from {after.Image} as it is then
          {pull ? ", after it was pulled" : ""}.
        </Text>
      ) : (
        <Box h="42vh">
          <DiffView before={old} after={now} label={`How the configuration of ${name} changes`} language="json" />
        </Box>
      )}
      <List size="sm" spacing={4}>
        <List.Item>
          {pull ? "The image is pulled. " : ""}A new container is made beside {name}; if that fails, nothing else
          happens.
        </List.Item>
        <List.Item>
          {inspect.State.Running ? `${name} is stopped and` : `${name} is`} kept under another name, and the new one
          gets its name
          {inspect.State.Running
            ? " and is started: in between it is not there for a moment"
            : ". It is not started, as the old one did not run"}
          .
        </List.Item>
        <List.Item>
          Volumes and folders of the host come along. What was written elsewhere in it stays in the old one.
        </List.Item>
        <List.Item>If a step fails, those before it are taken back.</List.Item>
      </List>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button onClick={onRun}>Recreate {name}</Button>
      </Group>
    </Stack>
  );
}
