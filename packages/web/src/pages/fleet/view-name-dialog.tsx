import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { nameProblem, type SavedView } from "./saved-views.ts";

export interface ViewNameDialogProps {
  readonly opened: boolean;
  readonly title: string;
  readonly start: string;
  readonly others: readonly SavedView[];
  readonly onName: (name: string) => void;
  readonly onClose: () => void;
}

/** Asks what a view is to be called. */
export function ViewNameDialog(props: ViewNameDialogProps): ReactNode {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title}>
      {props.opened && <NameForm {...props} />}
    </Modal>
  );
}

function NameForm({ start, others, onName, onClose }: ViewNameDialogProps): ReactNode {
  const [name, setName] = useState(start);
  const [asked, setAsked] = useState(false);
  const problem = nameProblem(name, others);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (problem === undefined) onName(name.trim());
      }}
    >
      <Stack gap="md">
        <TextInput
          data-autofocus
          label="Name"
          description="Filter, order, and rows or cards are kept under it, in this browser."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={asked && problem}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit">Save</Button>
        </Group>
      </Stack>
    </form>
  );
}
