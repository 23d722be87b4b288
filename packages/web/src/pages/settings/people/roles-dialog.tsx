import { Button, Group, Modal, Stack } from "@mantine/core";
import type { Person, RoleBinding } from "@fairlead/protocol/rest";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { hub } from "../../../hub/client.ts";
import { ErrorNote } from "../../../ui/error-note.tsx";
import { notifyDone } from "../../../ui/notify.tsx";
import { useAttempt } from "../../../ui/use-attempt.ts";
import { type BindingDraft, bindingOf, draftOf, draftProblem } from "../grants/binding-draft.ts";
import { BindingsEditor } from "../grants/bindings-editor.tsx";
import { Answer } from "../section.tsx";

export interface RolesDialogProps {
  /** Undefined: the dialog is closed. */
  readonly person: Person | undefined;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

/** The roles that somebody gave a person. Those of a provider's groups come with each sign-in, and are not among them. */
export function RolesDialog({ person, onClose, onChanged }: RolesDialogProps): ReactNode {
  return (
    <Modal opened={person !== undefined} onClose={onClose} title={`Roles of ${person?.name ?? ""}`} size="lg">
      {person && (
        <GivenRoles
          person={person}
          onSaved={() => {
            onClose();
            onChanged();
          }}
        />
      )}
    </Modal>
  );
}

function GivenRoles({ person, onSaved }: { person: Person; onSaved: () => void }): ReactNode {
  const query = useQuery({
    queryKey: ["roles-of", person.id, "edit"],
    queryFn: ({ signal }) => hub.rolesOfPerson(person.id, signal),
    gcTime: 0,
    staleTime: 0,
  });
  return <Answer query={query}>{(given) => <EditRoles person={person} given={given} onSaved={onSaved} />}</Answer>;
}

function EditRoles({
  person,
  given,
  onSaved,
}: {
  person: Person;
  given: readonly RoleBinding[];
  onSaved: () => void;
}): ReactNode {
  const { busy, error, run } = useAttempt();
  const [drafts, setDrafts] = useState<readonly BindingDraft[]>(() => given.map(draftOf));
  const [tried, setTried] = useState(false);
  const save = (): void => {
    setTried(true);
    if (drafts.some((draft) => draftProblem(draft) !== undefined)) return;
    void run(async () => {
      await hub.setRolesOfPerson(person.id, drafts.map(bindingOf));
      notifyDone(`The roles of ${person.name} were changed.`);
      onSaved();
    });
  };
  return (
    <Stack gap="md">
      <BindingsEditor value={drafts} onChange={setDrafts} tried={tried} none="Without a role they see nothing." />
      {error !== undefined && <ErrorNote error={error} />}
      <Group justify="flex-end">
        <Button loading={busy} onClick={save}>
          Save the roles
        </Button>
      </Group>
    </Stack>
  );
}
