import type { Command } from "commander";
import { parsePermissions } from "../../access/grant-options.ts";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";

/** `fairlead role update NAME PERMISSION…` */
export function roleUpdate(): Command {
  return hubCommand("update", "give a role other permissions; who holds it has them at once", [
    "role update restarter environment.view container.view container.restart container.logs",
  ])
    .argument("<name>", "the role")
    .argument("<permission...>", "all that it is to have")
    .action(async (name: string, permissions: string[], flags: HubCommandFlags) => {
      const body = { permissions: parsePermissions(permissions) };
      const { client, output } = await openSession(flags);
      output.document(await client.updateRole(name, body), () => `Changed the role ${name}.`);
    });
}
