import type { Person } from "@fairlead/protocol/rest";
import type { Command } from "commander";
import { formatAge } from "../../output/format.ts";
import { printable } from "../../output/style.ts";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";

/** `fairlead person list` */
export function personList(): Command {
  return hubCommand("list", "list the people", ["person list", "person list --json"])
    .alias("ls")
    .action(async (flags: HubCommandFlags) => {
      const { client, output } = await openSession(flags);
      output.list(await client.listPeople(), [
        { title: "EMAIL", value: ({ email }) => printable(email) },
        { title: "NAME", value: ({ name }) => printable(name) },
        { title: "SIGNS IN WITH", value: waysIn },
        { title: "LAST SEEN", value: ({ lastSeenAt }) => formatAge(lastSeenAt) },
        { title: "STATE", value: ({ disabled }) => (disabled ? "disabled" : "enabled") },
      ]);
    });
}

function waysIn({ signIn, twoFactor, passkeys }: Person): string {
  return [...signIn, ...(twoFactor ? ["totp"] : []), ...(passkeys > 0 ? ["passkey"] : [])].join(", ");
}
