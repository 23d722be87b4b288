import { ActionIcon, Badge, Group, Menu, Text } from "@mantine/core";
import type { Invitation, Person } from "@fairlead/protocol/rest";
import { IconDots, IconUserPlus } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useAllowed } from "../../../hub/access.ts";
import { hub } from "../../../hub/client.ts";
import { useEnvironments } from "../../../hub/environments.ts";
import { ActionButton, ActionMenuItem } from "../../../ui/action-button.tsx";
import { Age } from "../../../ui/age.tsx";
import { count } from "../../../ui/format.ts";
import { notifyFailed } from "../../../ui/notify.tsx";
import { scopeText } from "../grants/scope-text.ts";
import { PlainTable } from "../plain-table.tsx";
import { SecretShown } from "../secret-shown.tsx";
import { Answer, Section } from "../section.tsx";
import { InviteDialog } from "./invite-dialog.tsx";
import { PERSON_ACTIONS } from "./person-actions.ts";
import { RolesDialog } from "./roles-dialog.tsx";
import type { ShownLink } from "./shown-link.ts";

/** People, what they may do, and who is invited. */
export function PeopleSection(): ReactNode {
  const may = useAllowed("user.manage");
  const client = useQueryClient();
  const people = useQuery({ queryKey: ["people"], queryFn: ({ signal }) => hub.listPeople(signal) });
  const invitations = useQuery({ queryKey: ["invitations"], queryFn: ({ signal }) => hub.listInvitations(signal) });
  const [inviting, setInviting] = useState(false);
  const [rolesOf, setRolesOf] = useState<Person>();
  const [link, setLink] = useState<ShownLink>();
  const refresh = (): void => {
    for (const key of ["people", "invitations", "roles-of"]) void client.invalidateQueries({ queryKey: [key] });
  };
  return (
    <Section
      title="People"
      description="Who may sign in, and what they may do. Nobody gives more than they have themselves."
      actions={
        <ActionButton
          allowance={may}
          leftSection={<IconUserPlus size={16} aria-hidden />}
          onAct={() => setInviting(true)}
        >
          Invite a person
        </ActionButton>
      }
    >
      <Answer query={people}>
        {(list) => (
          <PlainTable
            label="People"
            rows={list}
            rowKey={({ id }) => id}
            columns={[
              { header: "Name", cell: (person) => <PersonName person={person} /> },
              { header: "Roles", cell: (person) => <PersonRoles person={person} /> },
              { header: "Signs in by", wideOnly: true, cell: (person) => <Ways person={person} /> },
              { header: "Last seen", wideOnly: true, cell: ({ lastSeenAt }) => <Age at={lastSeenAt} /> },
              {
                header: "",
                cell: (person) => (
                  <PersonMenu person={person} onRoles={() => setRolesOf(person)} onLink={setLink} onChanged={refresh} />
                ),
              },
            ]}
          />
        )}
      </Answer>
      {(invitations.data?.length ?? 0) > 0 && (
        <PlainTable
          label="Invitations"
          rows={invitations.data ?? []}
          rowKey={({ id }) => id}
          columns={[
            { header: "Invited", cell: ({ email, name }) => (name === null ? email : `${name} (${email})`) },
            { header: "Ends", cell: ({ expiresAt }) => <Age at={expiresAt} /> },
            { header: "", cell: (invitation) => <TakeBack invitation={invitation} onChanged={refresh} /> },
          ]}
        />
      )}
      <InviteDialog
        opened={inviting}
        onClose={() => setInviting(false)}
        onInvited={(shown) => {
          setInviting(false);
          setLink(shown);
          refresh();
        }}
      />
      <RolesDialog person={rolesOf} onClose={() => setRolesOf(undefined)} onChanged={refresh} />
      <SecretShown
        title={`The link for ${link?.forWhom ?? ""}`}
        what="the link"
        secret={link?.url}
        onClose={() => setLink(undefined)}
      >
        Give it to {link?.forWhom} yourself: the hub sends no mail. Whoever has it gets in.
      </SecretShown>
    </Section>
  );
}

function PersonName({ person: { name, email, disabled } }: { person: Person }): ReactNode {
  return (
    <>
      <Group gap="xs">
        <Text fw={500}>{name}</Text>
        {disabled && (
          <Badge color="red" variant="light">
            disabled
          </Badge>
        )}
      </Group>
      <Text fz="xs" c="dimmed">
        {email}
      </Text>
    </>
  );
}

function PersonRoles({ person: { id } }: { person: Person }): ReactNode {
  const { byId } = useEnvironments();
  const roles = useQuery({ queryKey: ["roles-of", id], queryFn: ({ signal }) => hub.rolesOfPerson(id, signal) });
  if (!roles.data) return <Text c="dimmed">…</Text>;
  if (roles.data.length === 0) return <Text c="dimmed">none given</Text>;
  return roles.data.map(({ role, scope }) => `${role} ${scopeText(scope, byId)}`).join(", ");
}

function Ways({ person: { signIn, twoFactor, passkeys } }: { person: Person }): ReactNode {
  const ways = [...signIn.map((way) => (way === "oidc" ? "the provider" : "password"))];
  return (
    [...ways, ...(twoFactor ? ["authenticator app"] : []), ...(passkeys > 0 ? [count(passkeys, "passkey")] : [])].join(
      ", ",
    ) || "nothing yet"
  );
}

interface PersonMenuProps {
  readonly person: Person;
  readonly onRoles: () => void;
  readonly onLink: (link: ShownLink) => void;
  readonly onChanged: () => void;
}

function PersonMenu({ person, onRoles, onLink, onChanged }: PersonMenuProps): ReactNode {
  const may = useAllowed("user.manage");
  return (
    <Menu position="bottom-end" width={250}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`What can be done to ${person.name}`}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <ActionMenuItem allowance={may} onAct={onRoles}>
          Change roles
        </ActionMenuItem>
        {PERSON_ACTIONS.filter(({ fits }) => fits(person)).map(({ label, color, run }) => (
          <ActionMenuItem
            key={label}
            allowance={may}
            {...(color === undefined ? {} : { color })}
            onAct={() => run(person, onLink).finally(onChanged)}
          >
            {label}
          </ActionMenuItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function TakeBack({
  invitation: { id, email },
  onChanged,
}: {
  invitation: Invitation;
  onChanged: () => void;
}): ReactNode {
  const may = useAllowed("user.manage");
  const takeBack = (): Promise<void> =>
    hub
      .removeInvitation(id)
      .catch((error: unknown) => notifyFailed(`Taking the invitation of ${email} back`, error))
      .finally(onChanged);
  return (
    <ActionButton size="xs" variant="default" allowance={may} onAct={takeBack}>
      Take back
    </ActionButton>
  );
}
