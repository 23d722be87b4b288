import { Button, Group, Modal, Select, Stack, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { type ReactNode, useState } from "react";
import { allowance } from "../../../hub/access.ts";
import { hub } from "../../../hub/client.ts";
import { useMe } from "../../../hub/session.ts";
import { ErrorNote } from "../../../ui/error-note.tsx";
import { useAttempt } from "../../../ui/use-attempt.ts";
import { Arrival } from "../arrival.tsx";
import { JoinKeyLines, type ShownJoinKey } from "../join-key-lines.tsx";
import { DEFAULT_KEY_TTL, KEY_TTLS } from "../key-ttls.ts";

export interface SecretDialogProps {
  readonly environment: Environment;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Makes a join key, shows the lines that use it, and waits for the agent. */
export function JoinKeyDialog({ environment, opened, onClose }: SecretDialogProps): ReactNode {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`New join key for ${environment.name}`}
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
  const may = allowance(useMe(), "environment.manage", environment);
  const [ttl, setTtl] = useState(DEFAULT_KEY_TTL);
  const [key, setKey] = useState<ShownJoinKey>();
  const [before, setBefore] = useState<string | null>(null);
  const { busy, error, run } = useAttempt();
  const make = (): Promise<boolean> =>
    run(async () => {
      setBefore(agent?.connectedAt ?? null);
      setKey(await hub.createJoinKey(id, { ttlSeconds: Number(ttl) }));
    });
  return (
    <Stack gap="md">
      <Text fz="sm">
        Whoever uses the key becomes the agent of {name}. The token before ends then, and with it the connection of the
        agent that has it.
      </Text>
      {key === undefined ? (
        <Select
          data-autofocus
          label="It can be used for"
          data={KEY_TTLS}
          value={ttl}
          onChange={(value) => setTtl(value ?? DEFAULT_KEY_TTL)}
          allowDeselect={false}
          maw={260}
        />
      ) : (
        <>
          <JoinKeyLines joinKey={key} renew={{ allowance: may, onRenew: make }} />
          <Arrival environmentId={id} name={name} before={before} />
        </>
      )}
      {error !== undefined && <ErrorNote error={error} title="No join key was made" />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          {key === undefined ? "Cancel" : "Close"}
        </Button>
        {key === undefined && (
          <Button loading={busy} onClick={() => void make()}>
            Make a join key
          </Button>
        )}
      </Group>
    </Stack>
  );
}
