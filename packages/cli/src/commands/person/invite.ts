import type { Command } from "commander";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";

interface Flags extends HubCommandFlags {
  name?: string;
  role?: string[];
}

/** `fairlead person invite EMAIL` */
export function personInvite(): Command {
  return hubCommand("invite", "make a link that lets a person in, printed this once", [
    "person invite ada@example.com --role operator",
    'person invite ada@example.com --name "Ada Lovelace" --role viewer',
  ])
    .argument("<email>", "the person's e-mail address; no mail is sent")
    .option("--name <name>", "how the person is called (default: asked when they come in)")
    .option("--role <role...>", "roles on all environments, and on the hub itself")
    .action(async (email: string, flags: Flags) => {
      const { client, output } = await openSession(flags);
      const link = await client.invitePerson({
        email,
        ...(flags.name === undefined ? {} : { name: flags.name }),
        ...(flags.role === undefined ? {} : { roles: flags.role }),
      });
      output.document(
        link,
        () => `Give ${email} this link, shown this once, good until ${link.expiresAt}:\n${link.url}`,
      );
    });
}
