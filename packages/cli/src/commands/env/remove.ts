import type { Command } from "commander";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";

/** `fairlead env remove NAME` */
export function envRemove(): Command {
  return hubCommand("remove", "forget an environment and what is kept of it; its containers go on running", [
    "env remove web-1",
  ])
    .alias("rm")
    .argument("<env...>", "names or ids")
    .action(async (refs: string[], flags: HubCommandFlags) => {
      const { client, output } = await openSession(flags);
      for (const ref of refs) {
        const { id, name } = await client.getEnvironment(ref);
        await client.removeEnvironment(id);
        output.document({ id, name, removed: true }, () => `Removed ${name} (id ${id}).`);
      }
    });
}
