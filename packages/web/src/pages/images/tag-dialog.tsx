import { Modal, Text, TextInput } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { type ReactNode, useState } from "react";
import { parseImageReference } from "../../docker/image-reference.ts";
import { tagImage } from "../../docker/images.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { notifyDone } from "../../ui/notify.tsx";

/** An image that is to get a name. */
export interface Tagging {
  readonly environment: Environment;
  readonly id: string;
  readonly name: string;
}

interface TagDialogProps {
  readonly tagging: Tagging | undefined;
  readonly onClose: () => void;
  readonly onTagged: (environmentIds: readonly number[]) => void;
}

/** Gives an image one more name. */
export function TagDialog({ tagging, onClose, onTagged }: TagDialogProps): ReactNode {
  return (
    <Modal opened={tagging !== undefined} onClose={onClose} title="Tag an image">
      {tagging && <Body tagging={tagging} onClose={onClose} onTagged={onTagged} />}
    </Modal>
  );
}

function Body({ tagging, onClose, onTagged }: TagDialogProps & { readonly tagging: Tagging }): ReactNode {
  const { environment, id, name } = tagging;
  const [text, setText] = useState("");
  const parsed = parseImageReference(text);
  const problem = parsed.ok
    ? parsed.reference.digest === undefined
      ? undefined
      : "A name for an image has no digest."
    : parsed.problem;
  const tag = async (): Promise<void> => {
    if (!parsed.ok) return;
    const { name: repository, tag: label = "latest" } = parsed.reference;
    await tagImage(environment.id, id, repository, label);
    notifyDone(`${name} of ${environment.name} is also named ${repository}:${label}`);
    onTagged([environment.id]);
  };
  return (
    <DialogForm action="Tag" failure="Tagging failed" ready={problem === undefined} onSubmit={tag} onClose={onClose}>
      <Text fz="sm" style={{ overflowWrap: "anywhere" }}>
        A further name for {name} on {environment.name}. If another image has it there, it loses it.
      </Text>
      <TextInput
        label="Name"
        placeholder="registry.example.com/shop/web:1.2"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={text === "" ? undefined : problem}
        data-autofocus
        spellCheck={false}
        required
      />
    </DialogForm>
  );
}
