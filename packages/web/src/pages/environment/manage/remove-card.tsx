import { List, Stack, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { allowance } from "../../../hub/access.ts";
import { hub } from "../../../hub/client.ts";
import { useMe } from "../../../hub/session.ts";
import { ActionButton } from "../../../ui/action-button.tsx";
import { confirm } from "../../../ui/confirm.tsx";
import { count } from "../../../ui/format.ts";
import { notifyDone, notifyFailed } from "../../../ui/notify.tsx";
import { InfoCard } from "../info-card.tsx";

/** Forgets the environment; asks first, and says what goes. */
export function RemoveCard({ environment }: { readonly environment: Environment }): ReactNode {
  const { id, name } = environment;
  const may = allowance(useMe(), "environment.manage", environment);
  const navigate = useNavigate();
  const remove = async (): Promise<void> => {
    const yes = await confirm({
      title: `Remove ${name}`,
      body: <WhatGoes environment={environment} />,
      action: `Remove ${name}`,
      typed: name,
    });
    if (!yes) return;
    try {
      await hub.removeEnvironment(id);
      notifyDone(`${name} is removed.`);
      await navigate({ to: "/" });
    } catch (error) {
      notifyFailed(`Removing ${name}`, error);
    }
  };
  return (
    <InfoCard title="Remove">
      <Stack gap="sm" align="flex-start">
        <Text fz="sm" c="dimmed">
          The hub forgets {name} and all that it keeps of it. Its containers go on running.
        </Text>
        <ActionButton
          allowance={may}
          color="red.9"
          leftSection={<IconTrash size={16} aria-hidden />}
          onAct={() => remove()}
        >
          Remove {name}
        </ActionButton>
      </Stack>
    </InfoCard>
  );
}

function WhatGoes({ environment: { name, kind, link, engineInfo } }: { readonly environment: Environment }): ReactNode {
  const containers = engineInfo?.containers.total;
  return (
    <Stack gap="xs">
      <Text fz="sm">The hub forgets of {name}, for good:</Text>
      <List size="sm">
        <List.Item>
          {kind === "edge" ? "its name and labels" : "its name, labels, address, token and TLS settings"}
        </List.Item>
        {kind === "edge" && (
          <List.Item>
            its agent&apos;s token and join keys
            {link.state === "up" && ": the agent is disconnected, and cannot come back"}
          </List.Item>
        )}
        <List.Item>its events and figures, all that is kept of both</List.Item>
        <List.Item>what was last known of its containers</List.Item>
      </List>
      <Text fz="sm">
        {containers === undefined ? "Its containers" : `Its ${count(containers, "container")}`} on the host stay as they
        are. The audit log keeps what was done to it.
      </Text>
    </Stack>
  );
}
