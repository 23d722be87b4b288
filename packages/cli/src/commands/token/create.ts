import type { Command } from "commander";
import { addScopeOptions, type GrantFlags, readGrants } from "../../access/grant-options.ts";
import { parseTime } from "../../output/time.ts";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";

interface Flags extends HubCommandFlags, GrantFlags {
  expires?: string;
}

/** `fairlead token create NAME` */
export function tokenCreate(): Command {
  const create = hubCommand("create", "make an API token, printed this once", [
    "token create ci --role operator --env web-1 --expires 30d",
    "token create watch --role viewer --label site=attic",
    "token create restart --permission environment.view,container.view,container.restart",
    'FAIRLEAD_API_TOKEN="$(fairlead token create ci --json | jq -r .secret)"',
  ])
    .argument("<name>", "what it is for")
    .option(
      "--role <role>",
      "what it may do: viewer, operator, admin, or one of 'fairlead role list' (default: all you may)",
    )
    .option("--permission <permission...>", "the same, one by one")
    .option("--expires <time>", "when it ends: a time (2027-01-31T00:00:00Z) or a span from now (30d, 12h)");
  return addScopeOptions(create).action(async (name: string, flags: Flags) => {
    const expiresAt = flags.expires === undefined ? undefined : parseTime(flags.expires, "--expires", "future");
    const { client, output } = await openSession(flags);
    const grants = await readGrants(flags, client);
    const created = await client.createToken({
      name,
      ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
      ...(grants === undefined ? {} : { grants }),
    });
    output.document(created, () => `API token '${name}' (id ${created.token.id}), shown this once: ${created.secret}`);
  });
}
