import { Box, Button, Checkbox, Group, Modal, ScrollArea, Stack, Text, TextInput } from "@mantine/core";
import { PERMISSIONS, type Permission } from "@fairlead/protocol";
import type { Role } from "@fairlead/protocol/rest";
import { type ReactNode, useState } from "react";
import { hub } from "../../../hub/client.ts";
import { ErrorNote } from "../../../ui/error-note.tsx";
import { notifyDone } from "../../../ui/notify.tsx";
import { useAttempt } from "../../../ui/use-attempt.ts";
import { PERMISSION_GROUPS } from "./permission-groups.ts";

export interface RoleDialogProps {
  /** Undefined: the dialog is closed. */
  readonly role: Role | "new" | undefined;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

export function RoleDialog({ role, onClose, onSaved }: RoleDialogProps): ReactNode {
  return (
    <Modal
      opened={role !== undefined}
      onClose={onClose}
      title={role === "new" ? "New role" : `The role ${role?.name ?? ""}`}
      size="xl"
    >
      {role !== undefined && <EditRole role={role} onSaved={onSaved} />}
    </Modal>
  );
}

function EditRole({ role, onSaved }: { role: Role | "new"; onSaved: () => void }): ReactNode {
  const { busy, error, run } = useAttempt();
  const [name, setName] = useState(role === "new" ? "" : role.name);
  const [held, setHeld] = useState<ReadonlySet<Permission>>(() => new Set(role === "new" ? [] : role.permissions));
  const set = (permissions: readonly Permission[], on: boolean): void => {
    const next = new Set(held);
    for (const permission of permissions) {
      if (on) next.add(permission);
      else next.delete(permission);
    }
    setHeld(next);
  };
  const save = async (): Promise<void> => {
    const permissions = [...held];
    if (role === "new") await hub.createRole({ name, permissions });
    else await hub.updateRole(role.name, { permissions });
    notifyDone(`The role ${name} was saved. Whoever holds it has these permissions from now on.`);
    onSaved();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void run(save);
      }}
    >
      <Stack gap="md">
        {role === "new" && (
          <TextInput
            label="Name"
            description="Small letters, digits, - and _."
            pattern="[a-z][a-z0-9_\-]{0,62}"
            required
            withAsterisk={false}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
        )}
        <ScrollArea.Autosize
          mah="50vh"
          type="auto"
          viewportProps={{ tabIndex: 0, "aria-label": "Permissions", role: "region" }}
        >
          <Stack gap="md">
            {PERMISSION_GROUPS.map(({ thing, permissions }) => {
              const ticked = permissions.filter((permission) => held.has(permission)).length;
              return (
                <Box key={thing} component="fieldset" p={0} m={0} style={{ border: 0 }}>
                  <Checkbox
                    fw={600}
                    label={`All of ${thing}`}
                    checked={ticked === permissions.length}
                    indeterminate={ticked > 0 && ticked < permissions.length}
                    onChange={(event) => set(permissions, event.currentTarget.checked)}
                  />
                  <Stack gap={6} mt={6} pl="lg">
                    {permissions.map((permission) => (
                      <Checkbox
                        key={permission}
                        checked={held.has(permission)}
                        onChange={(event) => set([permission], event.currentTarget.checked)}
                        label={<span className="mono">{permission}</span>}
                        description={PERMISSIONS[permission]}
                      />
                    ))}
                  </Stack>
                </Box>
              );
            })}
          </Stack>
        </ScrollArea.Autosize>
        {error !== undefined && <ErrorNote error={error} />}
        <Group justify="space-between">
          <Text c="dimmed">{held.size} permissions</Text>
          <Button type="submit" loading={busy}>
            Save the role
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
