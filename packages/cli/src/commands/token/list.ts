import type { Command } from "commander";
import { grantsText } from "../../access/grant-options.ts";
import { formatAge } from "../../output/format.ts";
import { printable } from "../../output/style.ts";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";

/** `fairlead token list` */
export function tokenList(): Command {
  return hubCommand("list", "list the API tokens", ["token list", "token list --json"])
    .alias("ls")
    .action(async (flags: HubCommandFlags) => {
      const { client, output } = await openSession(flags);
      output.list(await client.listTokens(), [
        { title: "ID", value: ({ id }) => String(id), align: "right" },
        { title: "NAME", value: ({ name }) => printable(name) },
        { title: "MAY", value: grantsText },
        { title: "CREATED", value: ({ createdAt }) => formatAge(createdAt) },
        { title: "LAST USED", value: ({ lastUsedAt }) => formatAge(lastUsedAt) },
        { title: "EXPIRES", value: ({ expiresAt }) => expiresAt ?? "never" },
      ]);
    });
}
