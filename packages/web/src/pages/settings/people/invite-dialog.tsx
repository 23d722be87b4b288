import { Button, Group, Input, Modal, Stack, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { hub } from "../../../hub/client.ts";
import { ErrorNote } from "../../../ui/error-note.tsx";
import { formValues } from "../../sign-in/form-values.ts";
import { useAttempt } from "../../../ui/use-attempt.ts";
import { type BindingDraft, bindingOf, draftProblem, newDraft } from "../grants/binding-draft.ts";
import { BindingsEditor } from "../grants/bindings-editor.tsx";
import type { ShownLink } from "./shown-link.ts";

export interface InviteDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onInvited: (link: ShownLink) => void;
}

export function InviteDialog({ opened, onClose, onInvited }: InviteDialogProps): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} title="Invite a person" size="lg">
      {opened && <Invite onInvited={onInvited} />}
    </Modal>
  );
}

function Invite({ onInvited }: Pick<InviteDialogProps, "onInvited">): ReactNode {
  const { busy, error, run } = useAttempt();
  const [drafts, setDrafts] = useState<readonly BindingDraft[]>(() => [newDraft()]);
  const [tried, setTried] = useState(false);
  const invite = async ({ email = "", name = "" }: Readonly<Record<string, string>>): Promise<void> => {
    const { url } = await hub.invitePerson({ email, ...(name === "" ? {} : { name }), roles: drafts.map(bindingOf) });
    onInvited({ url, forWhom: name === "" ? email : name });
  };
  return (
    <form
      onSubmit={(event) => {
        const values = formValues(event);
        setTried(true);
        if (drafts.every((draft) => draftProblem(draft) === undefined)) void run(() => invite(values));
      }}
    >
      <Stack gap="md">
        <TextInput
          name="email"
          type="email"
          label="E-mail address"
          maxLength={254}
          required
          withAsterisk={false}
          data-autofocus
        />
        <TextInput name="name" label="Name" description="They can choose another." maxLength={128} />
        <Input.Wrapper label="Roles" labelElement="div">
          <BindingsEditor value={drafts} onChange={setDrafts} tried={tried} none="Without a role they see nothing." />
        </Input.Wrapper>
        {error !== undefined && <ErrorNote error={error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={busy}>
            Make the invitation
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
