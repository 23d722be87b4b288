import type { Command } from "commander";
import { hubCommand, type HubCommandFlags, openSession, wholeNumber } from "../hub-command.ts";

/** `fairlead token revoke ID` */
export function tokenRevoke(): Command {
  return hubCommand("revoke", "end an API token at once", ["token revoke 3"])
    .argument("<id>", "id of 'token list'")
    .action(async (text: string, flags: HubCommandFlags) => {
      const id = wholeNumber(text, "The token's id", 1, Number.MAX_SAFE_INTEGER);
      const { client, output } = await openSession(flags);
      await client.revokeToken(id);
      output.document({ id, revoked: true }, () => `Revoked API token ${id}.`);
    });
}
