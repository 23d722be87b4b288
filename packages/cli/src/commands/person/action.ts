import type { FairleadClient } from "@fairlead/api-client";
import type { Command } from "commander";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";

/** `fairlead person VERB PERSON`, for what is done to one person and has no answer. */
export function personAction(
  verb: string,
  summary: string,
  done: string,
  act: (client: FairleadClient, ref: string) => Promise<unknown>,
): Command {
  return hubCommand(verb, summary, [`person ${verb} ada@example.com`])
    .argument("<person>", "e-mail address or id")
    .action(async (ref: string, flags: HubCommandFlags) => {
      const { client, output } = await openSession(flags);
      await act(client, ref);
      output.document({ person: ref, [verb]: true }, () => `${done} ${ref}.`);
    });
}
