import type { Command } from "commander";
import { printable } from "../output/style.ts";
import { hubCommand, type HubCommandFlags, openSession } from "./hub-command.ts";

/** `fairlead whoami` */
export function whoami(): Command {
  return hubCommand("whoami", "who this command is to the hub", ["whoami", "whoami --json"]).action(
    async (flags: HubCommandFlags) => {
      const { client, output, url } = await openSession(flags);
      const me = await client.me();
      output.document(me, () => {
        const owner = me.person ? `${printable(me.person.name)} <${printable(me.person.email)}>` : undefined;
        if (me.kind === "person") return `${owner ?? printable(me.name)} at ${url}`;
        return `API token '${printable(me.name)}' ${owner === undefined ? "of the hub's own" : `of ${owner}`} at ${url}`;
      });
    },
  );
}
