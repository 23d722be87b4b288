import type { Command } from "commander";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";

/** `fairlead role list` */
export function roleList(): Command {
  return hubCommand("list", "list the roles with their permissions", ["role list", "role list --json"])
    .alias("ls")
    .action(async (flags: HubCommandFlags) => {
      const { client, output } = await openSession(flags);
      output.list(await client.listRoles(), [
        { title: "NAME", value: ({ name }) => name },
        { title: "BUILT IN", value: ({ builtIn }) => (builtIn ? "yes" : "no") },
        { title: "PERMISSIONS", value: ({ permissions }) => permissions.join(" ") },
      ]);
    });
}
