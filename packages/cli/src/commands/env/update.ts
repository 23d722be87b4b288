import type { Command } from "commander";
import { UsageError } from "../../errors.ts";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";
import { addDialOptions, type DialFlags, readDialFlags } from "./dial-options.ts";

interface Flags extends HubCommandFlags, DialFlags {
  name?: string;
  dismissConflict?: boolean;
}

/** `fairlead env update NAME` */
export function envUpdate(): Command {
  const update = hubCommand("update", "change an environment's name, labels or address", [
    "env update web-1 --name web-2",
    "env update web-1 --label site=attic role=web",
    "env update web-1 --dismiss-conflict",
  ])
    .argument("<env>", "name or id")
    .option("--name <name>", "new name")
    .option("--dismiss-conflict", "a second machine's use of its token was seen to");
  return addDialOptions(update).action(async (ref: string, flags: Flags) => {
    const change = { ...(flags.name === undefined ? {} : { name: flags.name }), ...(await readDialFlags(flags)) };
    const changes = Object.keys(change).length > 0;
    if (!changes && !flags.dismissConflict) throw new UsageError("nothing to change; see 'fairlead env update --help'");
    const { client, output } = await openSession(flags);
    if (flags.dismissConflict) await client.dismissConflict(ref);
    const environment = changes ? await client.updateEnvironment(ref, change) : await client.getEnvironment(ref);
    output.document(environment, () => `Updated ${environment.name} (id ${environment.id}).`);
  });
}
