import type { Command } from "commander";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";

/** `fairlead person password-link PERSON` */
export function personPasswordLink(): Command {
  return hubCommand("password-link", "make a link with which a person chooses a new password, printed this once", [
    "person password-link ada@example.com",
  ])
    .argument("<person>", "e-mail address or id")
    .action(async (ref: string, flags: HubCommandFlags) => {
      const { client, output } = await openSession(flags);
      const link = await client.createPasswordLink(ref);
      output.document(link, () => `Give ${ref} this link, shown this once, good until ${link.expiresAt}:\n${link.url}`);
    });
}
