import { Group, Stack, Text, Title } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconTerminal2 } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useStore } from "../../hub/store.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { notifyFailed } from "../../ui/notify.tsx";
import { useProgramFields } from "./program-fields.tsx";
import { TerminalTabs } from "./terminal-tabs.tsx";
import { terminals } from "./terminals.ts";
import { useExecAllowed } from "./use-exec-allowed.ts";

export interface ContainerTerminalProps {
  readonly environment: Environment;
  readonly containerId: string;
  readonly name: string;
  readonly running: boolean;
}

/** Terminals in one container. Fills the height that it is given. */
export function ContainerTerminal({ environment, containerId, name, running }: ContainerTerminalProps): ReactNode {
  const all = useStore(terminals.store);
  const selectedId = useStore(terminals.selected);
  const allowed = useExecAllowed(environment.id, containerId);
  const [choosing, setChoosing] = useState(false);
  const { fields, program } = useProgramFields();
  const sessions = all.filter(
    ({ target }) => target.environmentId === environment.id && target.containerId === containerId,
  );
  const selected = sessions.find(({ id }) => id === selectedId) ?? sessions.at(-1);
  const allowance =
    running || !allowed.allowed
      ? allowed
      : ({ allowed: false, reason: "The container does not run: start it first." } as const);
  if (selected && !choosing) {
    return (
      <TerminalTabs
        numbered
        sessions={sessions}
        selected={selected}
        onSelect={({ id }) => terminals.selected.set(id)}
        onNew={() => setChoosing(true)}
        newAllowance={allowance}
      />
    );
  }
  const open = (): void => {
    if ("error" in program) return;
    try {
      const target = { environmentId: environment.id, environmentName: environment.name, containerId, name };
      terminals.open(target, program);
      setChoosing(false);
    } catch (error) {
      notifyFailed("Opening a terminal", error);
    }
  };
  return (
    <Stack className="fl-card" p="md" gap="md" maw={720}>
      <div>
        <Title order={2}>A terminal in {name}</Title>
        <Text c="dimmed" fz="sm">
          It runs until you close it, also while you look at other pages. It ends when this page is closed.
        </Text>
        {!allowance.allowed && (
          <Text fz="sm" mt="xs" className="fl-text-warn">
            {allowance.reason}
          </Text>
        )}
      </div>
      {fields}
      <Group gap="xs">
        <ActionButton
          leftSection={<IconTerminal2 size={16} aria-hidden />}
          allowance={allowance.allowed && "error" in program ? { allowed: false, reason: program.error } : allowance}
          onAct={open}
        >
          Open the terminal
        </ActionButton>
        {selected && (
          <ActionButton variant="default" onAct={() => setChoosing(false)}>
            Back
          </ActionButton>
        )}
      </Group>
    </Stack>
  );
}
