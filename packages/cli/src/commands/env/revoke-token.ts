import type { Command } from "commander";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";

/** `fairlead env revoke-token NAME` */
export function envRevokeToken(): Command {
  return hubCommand("revoke-token", "end the agent's token, its connection and open join keys at once", [
    "env revoke-token web-1",
  ])
    .argument("<env>", "name or id")
    .action(async (ref: string, flags: HubCommandFlags) => {
      const { client, output } = await openSession(flags);
      await client.revokeAgentToken(ref);
      output.document({ environment: ref, revoked: true }, () => {
        return `Revoked. Agents can join again after 'fairlead env join-key ${ref}', or 'rotate-token'.`;
      });
    });
}
