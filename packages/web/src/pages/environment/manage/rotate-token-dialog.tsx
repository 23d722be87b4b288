import { Button, Group, Modal, Select, Stack, Text } from "@mantine/core";
import type { RotatedToken } from "@fairlead/protocol/rest";
import { type ReactNode, useState } from "react";
import { hub } from "../../../hub/client.ts";
import { ErrorNote } from "../../../ui/error-note.tsx";
import { formatTime } from "../../../ui/format.ts";
import { useAttempt } from "../../../ui/use-attempt.ts";
import { Arrival } from "../arrival.tsx";
import { SetupLines } from "../setup-lines.tsx";
import type { SecretDialogProps } from "./join-key-dialog.tsx";

/** How long the old token still works, in seconds; 30 days are the hub's limit. */
const OVERLAPS = [
  { value: "0", label: "not at all: it ends now" },
  { value: "3600", label: "an hour" },
  { value: "86400", label: "a day" },
  { value: "604800", label: "a week" },
  { value: "2592000", label: "30 days" },
];

/** Makes another token for the host's agent, and shows it. */
export function RotateTokenDialog({ environment, opened, onClose }: SecretDialogProps): ReactNode {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Rotate the token of ${environment.name}`}
      size="xl"
      centered={false}
      closeOnClickOutside={false}
    >
      {opened && <Body environment={environment} onClose={onClose} />}
    </Modal>
  );
}

function Body({ environment, onClose }: Omit<SecretDialogProps, "opened">): ReactNode {
  const { id, name, agent } = environment;
  const [overlap, setOverlap] = useState("3600");
  const [rotated, setRotated] = useState<RotatedToken>();
  const [before, setBefore] = useState<string | null>(null);
  const { busy, error, run } = useAttempt();
  const rotate = (): Promise<boolean> =>
    run(async () => {
      setBefore(agent?.connectedAt ?? null);
      setRotated(await hub.rotateAgentToken(id, { overlapSeconds: Number(overlap) }));
    });
  if (rotated) {
    const until = rotated.previousValidUntil;
    return (
      <Stack gap="md">
        <Text fz="sm">
          {until === null
            ? "The old token ended, and its connection with it."
            : `The old token works until ${formatTime(Date.parse(until))}: give the agent the new one before.`}
        </Text>
        <SetupLines secret={{ token: rotated.agentToken }} />
        <Arrival environmentId={id} name={name} before={before} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
        </Group>
      </Stack>
    );
  }
  return (
    <Stack gap="md">
      <Text fz="sm">The agent of {name} gets a new token, which you put into its settings.</Text>
      <Select
        data-autofocus
        label="The old token works for"
        description={
          overlap === "0"
            ? `The connection of ${name} is closed now, and comes back when its agent has the new token.`
            : "Until then the agent stays connected with the old one."
        }
        data={OVERLAPS}
        value={overlap}
        onChange={(value) => setOverlap(value ?? "3600")}
        allowDeselect={false}
        maw={340}
      />
      {error !== undefined && <ErrorNote error={error} title="The token was not rotated" />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={busy} onClick={() => void rotate()}>
          Rotate the token
        </Button>
      </Group>
    </Stack>
  );
}
