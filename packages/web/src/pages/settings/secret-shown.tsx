import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { CodeLines } from "../../ui/code-lines.tsx";

export interface SecretShownProps {
  readonly title: string;
  /** What it is: "the API token". */
  readonly what: string;
  /** Undefined: the dialog is closed. */
  readonly secret: string | undefined;
  /** What to do with it. */
  readonly children?: ReactNode;
  readonly onClose: () => void;
}

/** A secret that is shown this once. It closes by its button alone, so that a slip loses nothing. */
export function SecretShown({ title, what, secret, children, onClose }: SecretShownProps): ReactNode {
  return (
    <Modal
      opened={secret !== undefined}
      onClose={onClose}
      title={title}
      closeOnClickOutside={false}
      closeOnEscape={false}
      size="lg"
    >
      <Stack gap="md">
        <Alert color="yellow" variant="light" p="sm">
          Copy it now: it is shown this once, and the hub keeps a hash of it only.
        </Alert>
        <CodeLines text={secret ?? ""} what={what} />
        {children !== undefined && <Text c="dimmed">{children}</Text>}
        <Group justify="flex-end">
          <Button onClick={onClose}>I have it</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
