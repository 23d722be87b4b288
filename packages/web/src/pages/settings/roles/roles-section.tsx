import { Accordion, Badge, Group, Text } from "@mantine/core";
import type { Role } from "@fairlead/protocol/rest";
import { IconPlus } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useAllowed } from "../../../hub/access.ts";
import { hub } from "../../../hub/client.ts";
import { ActionButton } from "../../../ui/action-button.tsx";
import { confirm } from "../../../ui/confirm.tsx";
import { count } from "../../../ui/format.ts";
import { notifyDone, notifyFailed } from "../../../ui/notify.tsx";
import { Answer, Section } from "../section.tsx";
import { PermissionList } from "./permission-list.tsx";
import { RoleDialog } from "./role-dialog.tsx";

/** Roles: named sets of permissions, built in and one's own. */
export function RolesSection(): ReactNode {
  const may = useAllowed("role.manage");
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["roles"], queryFn: ({ signal }) => hub.listRoles(signal) });
  const [editing, setEditing] = useState<Role | "new">();
  const refresh = (): void => void client.invalidateQueries({ queryKey: ["roles"] });
  const remove = async ({ name }: Role): Promise<void> => {
    const yes = await confirm({
      title: `Remove the role ${name}`,
      body: `Nobody can be given ${name} any more. It must not be held by anybody.`,
      action: "Remove the role",
    });
    if (!yes) return;
    await hub.removeRole(name).then(
      () => notifyDone(`The role ${name} was removed.`),
      (error: unknown) => notifyFailed(`Removing ${name}`, error),
    );
    refresh();
  };
  return (
    <Section
      title="Roles"
      description="Named sets of permissions, held everywhere, by label, or on one host. Give them to people, tokens and groups of the provider."
      actions={
        <ActionButton allowance={may} leftSection={<IconPlus size={16} aria-hidden />} onAct={() => setEditing("new")}>
          New role
        </ActionButton>
      }
    >
      <Answer query={query}>
        {(roles) => (
          <Accordion variant="contained" multiple order={3} className="fl-card">
            {roles.map((role) => (
              <Accordion.Item key={role.name} value={role.name}>
                <Accordion.Control>
                  <Group gap="xs">
                    <Text fw={600}>{role.name}</Text>
                    {role.builtIn && (
                      <Badge variant="light" color="gray">
                        built in
                      </Badge>
                    )}
                    <Text c="dimmed">{count(role.permissions.length, "permission")}</Text>
                  </Group>
                </Accordion.Control>
                <Accordion.Panel>
                  {!role.builtIn && (
                    <Group gap="xs" mb="sm">
                      <ActionButton size="xs" variant="default" allowance={may} onAct={() => setEditing(role)}>
                        Change
                      </ActionButton>
                      <ActionButton size="xs" variant="default" allowance={may} onAct={() => remove(role)}>
                        Remove
                      </ActionButton>
                    </Group>
                  )}
                  <PermissionList permissions={role.permissions} />
                </Accordion.Panel>
              </Accordion.Item>
            ))}
          </Accordion>
        )}
      </Answer>
      <RoleDialog
        role={editing}
        onClose={() => setEditing(undefined)}
        onSaved={() => {
          setEditing(undefined);
          refresh();
        }}
      />
    </Section>
  );
}
