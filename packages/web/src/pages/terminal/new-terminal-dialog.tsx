import { Group, Modal, Select, Stack } from "@mantine/core";
import { type FormEvent, type ReactNode, useMemo, useState } from "react";
import { type ContainerRow, useContainers } from "../../hub/containers.ts";
import type { Allowance } from "../../hub/access.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { notifyFailed } from "../../ui/notify.tsx";
import { useProgramFields } from "./program-fields.tsx";
import { targetOf } from "./terminal-target.ts";
import { terminals } from "./terminals.ts";
import { useExecAllowed } from "./use-exec-allowed.ts";

/** More than these nobody looks through; another letter narrows them. */
const MAX_OPTIONS = 60;

export function NewTerminalDialog({ opened, onClose }: { opened: boolean; onClose: () => void }): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} title="New terminal" size="lg">
      {opened && <NewTerminalForm onDone={onClose} />}
    </Modal>
  );
}

function NewTerminalForm({ onDone }: { onDone: () => void }): ReactNode {
  const { rows, ages } = useContainers();
  const [key, setKey] = useState<string | null>(null);
  const { fields, program } = useProgramFields();
  const running = useMemo(
    () =>
      rows
        .filter(
          ({ environmentId, container }) => container.State === "running" && ages.get(environmentId)?.live !== false,
        )
        .sort((a, b) => a.environmentName.localeCompare(b.environmentName) || a.name.localeCompare(b.name)),
    [rows, ages],
  );
  const options = useMemo(
    () => running.map(({ key: value, name, environmentName }) => ({ value, label: `${name} on ${environmentName}` })),
    [running],
  );
  const row = running.find((one) => one.key === key);
  const allowance = useFormAllowance(row, "error" in program ? program.error : undefined);
  const start = (): void => {
    if (!row || "error" in program) return;
    try {
      terminals.open(targetOf(row), program);
      onDone();
    } catch (error) {
      notifyFailed("Opening a terminal", error);
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (allowance.allowed) start();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Select
          data-autofocus
          label="Container"
          description="Those that run, on all hosts that are connected"
          placeholder="Type a part of its name, or of its host's"
          searchable
          data={options}
          limit={MAX_OPTIONS}
          filter={({ options: all, search, limit }) => {
            const words = search.toLowerCase().split(/\s+/);
            return all
              .filter((option) => "label" in option && words.every((word) => option.label.toLowerCase().includes(word)))
              .slice(0, limit);
          }}
          nothingFoundMessage="No container that runs is called so"
          value={key}
          onChange={setKey}
        />
        {fields}
        <Group justify="flex-end">
          <ActionButton allowance={allowance} onAct={start}>
            Open the terminal
          </ActionButton>
        </Group>
      </Stack>
    </form>
  );
}

function useFormAllowance(row: ContainerRow | undefined, problem: string | undefined): Allowance {
  const allowed = useExecAllowed(row?.environmentId ?? 0, row?.container.Id ?? "");
  if (!row) return { allowed: false, reason: "Choose a container first." };
  return problem === undefined ? allowed : { allowed: false, reason: problem };
}
