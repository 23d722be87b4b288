import type { Command } from "commander";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";

/** `fairlead role remove NAME` */
export function roleRemove(): Command {
  return hubCommand("remove", "remove a role that nobody holds", ["role remove restarter"])
    .alias("rm")
    .argument("<name>", "the role")
    .action(async (name: string, flags: HubCommandFlags) => {
      const { client, output } = await openSession(flags);
      await client.removeRole(name);
      output.document({ name, removed: true }, () => `Removed the role ${name}.`);
    });
}
