import { Group, Stack, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconBan, IconKey, IconRefresh } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { allowance } from "../../../hub/access.ts";
import { hub } from "../../../hub/client.ts";
import { useMe } from "../../../hub/session.ts";
import { ActionButton } from "../../../ui/action-button.tsx";
import { Age } from "../../../ui/age.tsx";
import { confirm } from "../../../ui/confirm.tsx";
import { formatTime } from "../../../ui/format.ts";
import { notifyDone, notifyFailed } from "../../../ui/notify.tsx";
import { Properties } from "../../../ui/properties.tsx";
import { InfoCard } from "../info-card.tsx";
import { JoinKeyDialog } from "./join-key-dialog.tsx";
import { JoinKeyTable } from "./join-key-table.tsx";
import { RotateTokenDialog } from "./rotate-token-dialog.tsx";

/** What an edge host's agent joins with: its token, and the join keys that are traded for one. */
export function AgentTokenCard({ environment }: { readonly environment: Environment }): ReactNode {
  const { id, name, agentToken } = environment;
  const may = allowance(useMe(), "environment.manage", environment);
  const [open, setOpen] = useState<"key" | "rotate">();
  const client = useQueryClient();
  const close = (): void => {
    setOpen(undefined);
    void client.invalidateQueries({ queryKey: ["join-keys", id] });
  };
  const revoke = async (): Promise<void> => {
    const yes = await confirm({
      title: `Revoke the token of ${name}`,
      body: `The token ends now, and so do the join keys of ${name} that are open. ${
        environment.link.state === "up" ? "Its agent is disconnected at once" : "No agent can connect"
      }, and none gets in until there is a new join key or token. Its containers go on running.`,
      action: "Revoke the token",
    });
    if (!yes) return;
    try {
      await hub.revokeAgentToken(id);
      notifyDone(`The token of ${name} is revoked.`);
    } catch (error) {
      notifyFailed(`Revoking the token of ${name}`, error);
    }
    void client.invalidateQueries({ queryKey: ["join-keys", id] });
  };
  return (
    <InfoCard title="Agent's token and join keys">
      <Stack gap="md">
        {agentToken === null ? (
          <Text fz="sm" c="dimmed">
            No token is known of this environment.
          </Text>
        ) : (
          <Properties
            items={[
              ["Token made", <Age at={agentToken.createdAt} />],
              ["Last used", <Age at={agentToken.lastUsedAt} />],
              ["Revoked", agentToken.revokedAt && <Age at={agentToken.revokedAt} />],
              [
                "The one before",
                agentToken.previousValidUntil && `works until ${formatTime(Date.parse(agentToken.previousValidUntil))}`,
              ],
            ]}
          />
        )}
        <Group gap="xs">
          <ActionButton
            allowance={may}
            leftSection={<IconKey size={16} aria-hidden />}
            variant="default"
            onAct={() => setOpen("key")}
          >
            New join key
          </ActionButton>
          <ActionButton
            allowance={may}
            leftSection={<IconRefresh size={16} aria-hidden />}
            variant="default"
            onAct={() => setOpen("rotate")}
          >
            Rotate the token
          </ActionButton>
          <ActionButton
            allowance={
              may.allowed && agentToken?.revokedAt != null
                ? {
                    allowed: false,
                    reason: "It is revoked already. A new join key or a rotation brings the host back.",
                  }
                : may
            }
            leftSection={<IconBan size={16} aria-hidden />}
            variant="default"
            onAct={revoke}
          >
            Revoke the token
          </ActionButton>
        </Group>
        {may.allowed && <JoinKeyTable environment={environment} />}
      </Stack>
      <JoinKeyDialog environment={environment} opened={open === "key"} onClose={close} />
      <RotateTokenDialog environment={environment} opened={open === "rotate"} onClose={close} />
    </InfoCard>
  );
}
