import { Button, Group, Modal, Radio, Select, Stack, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { hub } from "../../../hub/client.ts";
import { ErrorNote } from "../../../ui/error-note.tsx";
import { formValues } from "../../sign-in/form-values.ts";
import { useAttempt } from "../../../ui/use-attempt.ts";
import { type BindingDraft, bindingOf, draftProblem, newDraft } from "../grants/binding-draft.ts";
import { BindingsEditor } from "../grants/bindings-editor.tsx";

const DAY_MS = 86_400_000;
const LIFETIMES = [
  { value: "1", label: "a day" },
  { value: "7", label: "a week" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "a year" },
  { value: "never", label: "without end" },
];

export interface NewTokenDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onMade: (secret: string) => void;
}

export function NewTokenDialog({ opened, onClose, onMade }: NewTokenDialogProps): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} title="New API token" size="lg">
      {opened && <NewToken onMade={onMade} />}
    </Modal>
  );
}

function NewToken({ onMade }: { onMade: (secret: string) => void }): ReactNode {
  const { busy, error, run } = useAttempt();
  const [lifetime, setLifetime] = useState("30");
  const [whole, setWhole] = useState(false);
  const [drafts, setDrafts] = useState<readonly BindingDraft[]>(() => [newDraft()]);
  const [tried, setTried] = useState(false);
  const make = async (name: string): Promise<void> => {
    const expiresAt = lifetime === "never" ? undefined : new Date(Date.now() + Number(lifetime) * DAY_MS).toISOString();
    const { secret } = await hub.createToken({
      name,
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(whole ? {} : { grants: drafts.map(bindingOf) }),
    });
    onMade(secret);
  };
  return (
    <form
      onSubmit={(event) => {
        const { name = "" } = formValues(event);
        setTried(true);
        if (whole || drafts.every((draft) => draftProblem(draft) === undefined)) void run(() => make(name));
      }}
    >
      <Stack gap="md">
        <TextInput
          name="name"
          label="Name"
          description="What uses it, for whoever finds it in the audit log."
          maxLength={128}
          required
          withAsterisk={false}
          data-autofocus
        />
        <Select
          label="It ends after"
          value={lifetime}
          data={LIFETIMES}
          allowDeselect={false}
          onChange={(value) => setLifetime(value ?? "30")}
        />
        <Radio.Group
          label="It may do"
          value={whole ? "whole" : "roles"}
          onChange={(value) => setWhole(value === "whole")}
        >
          <Stack gap="xs" mt="xs">
            <Radio value="roles" label="What these roles allow" />
            <Radio value="whole" label="Whatever I may" />
          </Stack>
        </Radio.Group>
        {!whole && (
          <BindingsEditor value={drafts} onChange={setDrafts} tried={tried} none="Without a role it may do nothing." />
        )}
        {error !== undefined && <ErrorNote error={error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={busy}>
            Make the token
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
