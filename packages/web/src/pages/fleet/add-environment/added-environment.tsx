import { Button, Group, Stack, Text } from "@mantine/core";
import type { CreatedEnvironment } from "@fairlead/protocol/rest";
import { type ReactNode, useState } from "react";
import { allowance } from "../../../hub/access.ts";
import { hub } from "../../../hub/client.ts";
import { useMe } from "../../../hub/session.ts";
import { Arrival } from "../../environment/arrival.tsx";
import { JoinKeyLines, type ShownJoinKey } from "../../environment/join-key-lines.tsx";
import { SetupLines } from "../../environment/setup-lines.tsx";
import { notifyFailed } from "../../../ui/notify.tsx";

export interface AddedEnvironmentProps {
  readonly created: CreatedEnvironment;
  readonly onClose: () => void;
}

/** What to do on the host now, and whether it has come. */
export function AddedEnvironment({ created, onClose }: AddedEnvironmentProps): ReactNode {
  const { environment, agentToken, joinKey, joinKeyExpiresAt } = created;
  const { id, name, kind } = environment;
  const me = useMe();
  const [key, setKey] = useState<ShownJoinKey | undefined>(
    joinKey === undefined || joinKeyExpiresAt === undefined ? undefined : { joinKey, expiresAt: joinKeyExpiresAt },
  );
  const renew = async (): Promise<void> => {
    try {
      setKey(await hub.createJoinKey(id));
    } catch (error) {
      notifyFailed(`Making a join key for ${name}`, error);
    }
  };
  return (
    <Stack gap="md">
      {kind === "edge" && (
        <>
          <Text fz="sm">Start its agent on the host, in one of these ways. It dials the hub by itself.</Text>
          {key ? (
            <JoinKeyLines
              joinKey={key}
              renew={{ allowance: allowance(me, "environment.manage", environment), onRenew: renew }}
            />
          ) : (
            agentToken !== undefined && <SetupLines secret={{ token: agentToken }} />
          )}
        </>
      )}
      <Arrival environmentId={id} name={name} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
      </Group>
    </Stack>
  );
}
