import type { RoleBinding } from "@fairlead/protocol/rest";
import type { Command } from "commander";
import { addScopeOptions, type GrantFlags, readRoles } from "../../access/grant-options.ts";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";

interface Flags extends HubCommandFlags, GrantFlags {
  role: string;
}

/** `fairlead person roles PERSON` */
export function personRoles(): Command {
  return hubCommand("roles", "list the roles that a person was given", ["person roles ada@example.com"])
    .argument("<person>", "e-mail address or id")
    .action(async (ref: string, flags: HubCommandFlags) => {
      const { client, output } = await openSession(flags);
      output.list(await client.rolesOfPerson(ref), [
        { title: "ROLE", value: ({ role }) => role },
        { title: "WHERE", value: where },
      ]);
    });
}

/** `fairlead person grant PERSON --role ROLE` */
export function personGrant(): Command {
  const grant = hubCommand("grant", "give a person a role, beside those they have", [
    "person grant ada@example.com --role operator --label site=attic",
  ])
    .argument("<person>", "e-mail address or id")
    .requiredOption("--role <role>", "one of 'fairlead role list'");
  return addScopeOptions(grant).action(async (ref: string, flags: Flags) => {
    const { client, output } = await openSession(flags);
    const added = await readRoles(flags, client);
    const roles = await client.setRolesOfPerson(ref, [...(await client.rolesOfPerson(ref)), ...added]);
    output.document({ person: ref, roles }, () => `${ref} is ${flags.role} now, ${added.map(where).join(" and ")}.`);
  });
}

/** `fairlead person ungrant PERSON --role ROLE` */
export function personUngrant(): Command {
  return hubCommand("ungrant", "take a role away from a person, wherever they hold it", [
    "person ungrant ada@example.com --role operator",
  ])
    .argument("<person>", "e-mail address or id")
    .requiredOption("--role <role>", "one of 'person roles'")
    .action(async (ref: string, flags: Flags) => {
      const { client, output } = await openSession(flags);
      const kept = (await client.rolesOfPerson(ref)).filter(({ role }) => role !== flags.role);
      const roles = await client.setRolesOfPerson(ref, kept);
      output.document({ person: ref, roles }, () => `${ref} is not ${flags.role} any more.`);
    });
}

function where({ scope }: RoleBinding): string {
  if (scope.type === "all") return "everywhere";
  return scope.type === "label" ? `on ${scope.name}=${scope.value}` : `on environment ${scope.environmentId}`;
}
