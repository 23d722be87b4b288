import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { type FormEvent, type ReactNode, useState } from "react";
import { renameContainer } from "../../docker/container-calls.ts";
import { ErrorNote } from "../../ui/error-note.tsx";
import { notifyDone } from "../../ui/notify.tsx";

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

interface RenameDialogProps {
  readonly environment: Environment;
  readonly id: string;
  readonly name: string;
  readonly onClose: () => void;
}

export function RenameDialog({ environment, id, name, onClose }: RenameDialogProps): ReactNode {
  const [text, setText] = useState(name);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const isWrong = !NAME.test(text);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (isWrong || text === name) return;
    setBusy(true);
    try {
      await renameContainer(environment.id, id, text);
      notifyDone(`${name} is now called ${text}`);
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={`Rename ${name}`}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="md">
          <TextInput
            label="New name"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            error={isWrong && "Letters, digits, _ . and -, at least two, the first a letter or digit."}
            data-autofocus
          />
          <Text fz="sm" c="dimmed">
            Other containers of its networks find it under the new name at once, and not under {name} any more. It keeps
            running.
          </Text>
          {error !== undefined && <ErrorNote error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy} disabled={isWrong || text === name}>
              Rename
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
