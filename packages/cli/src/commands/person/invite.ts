import type { Command } from "commander";
import { addScopeOptions, type GrantFlags, readRoles } from "../../access/grant-options.ts";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";

interface Flags extends HubCommandFlags, GrantFlags {
  name?: string;
}

/** `fairlead person invite EMAIL` */
export function personInvite(): Command {
  const invite = hubCommand("invite", "make a link that lets a person in, printed this once", [
    "person invite ada@example.com --role operator --env web-1",
    'person invite ada@example.com --name "Ada Lovelace" --role viewer',
  ])
    .argument("<email>", "the person's e-mail address; no mail is sent")
    .option("--name <name>", "how the person is called (default: asked when they come in)")
    .option("--role <role>", "what the person may do: one of 'fairlead role list' (default: nothing yet)");
  return addScopeOptions(invite).action(async (email: string, flags: Flags) => {
    const { client, output } = await openSession(flags);
    const roles = await readRoles(flags, client);
    const link = await client.invitePerson({ email, roles, ...(flags.name === undefined ? {} : { name: flags.name }) });
    output.document(link, () => `Give ${email} this link, shown this once, good until ${link.expiresAt}:\n${link.url}`);
  });
}
