import { Button, Group, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { ErrorNote } from "./error-note.tsx";
import { useAttempt } from "./use-attempt.ts";

export interface DialogFormProps {
  readonly children: ReactNode;
  /** What the button says. */
  readonly action: string;
  /** Title of what went wrong: "The network was not created". */
  readonly failure?: string;
  /** False: what was filled in cannot be sent yet. */
  readonly ready: boolean;
  /** Does it; the dialog is closed when it went well. */
  readonly onSubmit: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Fields in a dialog, and the buttons that send them or give up; why it failed shows above the buttons. */
export function DialogForm({ children, action, failure, ready, onSubmit, onClose }: DialogFormProps): ReactNode {
  const { busy, error, run } = useAttempt();
  const submit = async (): Promise<void> => {
    if (ready && (await run(onSubmit))) onClose();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack gap="md">
        {children}
        {error !== undefined && <ErrorNote error={error} {...(failure !== undefined && { title: failure })} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={!ready}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
