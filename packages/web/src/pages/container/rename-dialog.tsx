import { Modal, Text, TextInput } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { type ReactNode, useState } from "react";
import { renameContainer } from "../../docker/container-calls.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
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
  const isWrong = !NAME.test(text);
  const rename = async (): Promise<void> => {
    await renameContainer(environment.id, id, text);
    notifyDone(`${name} is now called ${text}`);
  };
  return (
    <Modal opened onClose={onClose} title={`Rename ${name}`}>
      <DialogForm action="Rename" ready={!isWrong && text !== name} onSubmit={rename} onClose={onClose}>
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
      </DialogForm>
    </Modal>
  );
}
