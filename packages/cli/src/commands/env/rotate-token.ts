import { agentSetup, describeAgentSetup } from "@fairlead/api-client";
import type { Command } from "commander";
import { normalizeHubUrl } from "../../settings/hub-settings.ts";
import { hubCommand, type HubCommandFlags, openSession, wholeNumber } from "../hub-command.ts";

interface Flags extends HubCommandFlags {
  overlap: string;
  agentHubUrl?: string;
}

/** The hub's own limit (`MAX_TOKEN_OVERLAP_SECONDS`), 30 days: its schemas are too large to load here. */
const MAX_OVERLAP_SECONDS = 30 * 24 * 3600;

/** `fairlead env rotate-token NAME` */
export function envRotateToken(): Command {
  return hubCommand("rotate-token", "make a new agent token, printed this once", [
    "env rotate-token web-1",
    "env rotate-token web-1 --overlap 3600",
  ])
    .argument("<env>", "name or id")
    .option("--overlap <seconds>", "how long the old token still works; 0 ends its connection now", "0")
    .option("--agent-hub-url <url>", "the hub's URL as the host sees it, for the lines to paste (default: --hub)")
    .action(async (ref: string, flags: Flags) => {
      const overlapSeconds = wholeNumber(flags.overlap, "--overlap", 0, MAX_OVERLAP_SECONDS);
      const { client, url, output } = await openSession(flags);
      const hubUrl = normalizeHubUrl(flags.agentHubUrl ?? url, "--agent-hub-url");
      const rotated = await client.rotateAgentToken(ref, { overlapSeconds });
      const setup = agentSetup(hubUrl, rotated.agentToken);
      output.document({ ...rotated, setup }, () => {
        const old =
          rotated.previousValidUntil === null
            ? "The old one ended."
            : `The old one works until ${rotated.previousValidUntil}.`;
        return [`New agent token, shown this once: ${rotated.agentToken}`, old, "", describeAgentSetup(setup)].join(
          "\n",
        );
      });
    });
}
