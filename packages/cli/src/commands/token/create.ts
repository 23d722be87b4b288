import type { Command } from "commander";
import { parseTime } from "../../output/time.ts";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";

interface Flags extends HubCommandFlags {
  expires?: string;
}

/** `fairlead token create NAME` */
export function tokenCreate(): Command {
  return hubCommand("create", "make an API token with full rights, printed this once", [
    "token create ci",
    "token create demo --expires 12h",
    'FAIRLEAD_API_TOKEN="$(fairlead token create ci --json | jq -r .secret)"',
  ])
    .argument("<name>", "what it is for")
    .option("--expires <time>", "when it ends: a time (2027-01-31T00:00:00Z) or a span from now (30d, 12h)")
    .action(async (name: string, flags: Flags) => {
      const expiresAt = flags.expires === undefined ? undefined : parseTime(flags.expires, "--expires", "future");
      const { client, output } = await openSession(flags);
      const created = await client.createToken({
        name,
        ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
      });
      output.document(
        created,
        () => `API token '${name}' (id ${created.token.id}), shown this once: ${created.secret}`,
      );
    });
}
