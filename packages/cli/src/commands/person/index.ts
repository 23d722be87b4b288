import type { Command } from "commander";
import { command } from "../hub-command.ts";
import { personAction } from "./action.ts";
import { personInvite } from "./invite.ts";
import { personList } from "./list.ts";
import { personPasswordLink } from "./password-link.ts";

/** `fairlead person …` */
export function person(): Command {
  const noun = command("person", "people who may sign in to the hub", [
    "person invite ada@example.com --role operator",
  ]);
  const actions = [
    personAction("remove", "remove a person and all sessions", "Removed", (client, ref) => client.removePerson(ref)),
    personAction("disable", "keep a person out, and sign them out everywhere", "Disabled", (client, ref) =>
      client.updatePerson(ref, { disabled: true }),
    ),
    personAction("enable", "let a disabled person in again", "Enabled", (client, ref) =>
      client.updatePerson(ref, { disabled: false }),
    ),
    personAction("sign-out", "sign a person out everywhere", "Signed out", (client, ref) => client.signPersonOut(ref)),
    personAction(
      "reset-second-factors",
      "take authenticator app, recovery codes and passkeys away from a person who lost them",
      "Reset the second factors of",
      (client, ref) => client.resetSecondFactors(ref),
    ),
  ];
  for (const verb of [personList(), personInvite(), personPasswordLink(), ...actions]) noun.addCommand(verb);
  return noun;
}
