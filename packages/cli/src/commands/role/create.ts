import type { Command } from "commander";
import { parsePermissions } from "../../access/grant-options.ts";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";

/** `fairlead role create NAME PERMISSION…` */
export function roleCreate(): Command {
  return hubCommand("create", "make a role", [
    "role create restarter environment.view container.view container.restart",
  ])
    .argument("<name>", "lower-case letters, digits, '-' and '_'")
    .argument("<permission...>", "see 'fairlead role permissions'")
    .action(async (name: string, permissions: string[], flags: HubCommandFlags) => {
      const body = { name, permissions: parsePermissions(permissions) };
      const { client, output } = await openSession(flags);
      output.document(await client.createRole(body), () => `Made the role ${name}.`);
    });
}
