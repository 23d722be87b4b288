import { describeAgentSetup, joinSetup } from "@fairlead/api-client";
import type { JoinKey } from "@fairlead/protocol/rest";
import { type Command, Option } from "commander";
import { UsageError } from "../../errors.ts";
import { formatAge } from "../../output/format.ts";
import { printable } from "../../output/style.ts";
import { normalizeHubUrl } from "../../settings/hub-settings.ts";
import { hubCommand, type HubCommandFlags, openSession, type Session, wholeNumber } from "../hub-command.ts";

interface Flags extends HubCommandFlags {
  ttl: string;
  agentHubUrl?: string;
  list?: boolean;
  revoke?: boolean;
}

/** The hub's own limit (`MAX_JOIN_KEY_TTL_SECONDS`), a week: its schemas are too large to load here. */
const MAX_TTL_SECONDS = 7 * 24 * 3600;

export const TTL_OPTION = (): Option =>
  new Option("--ttl <seconds>", "how long the join key can be used, a week at most").default("3600");

/** @throws UsageError */
export function readTtl(text: string): number {
  return wholeNumber(text, "--ttl", 1, MAX_TTL_SECONDS);
}

/** `fairlead env join-key NAME` */
export function envJoinKey(): Command {
  return hubCommand("join-key", "make a join key, printed this once: whoever uses it becomes the environment's agent", [
    "env join-key web-1",
    "env join-key web-1 --ttl 86400",
    "env join-key web-1 --list",
    "env join-key web-1 --revoke",
  ])
    .argument("<env>", "name or id")
    .addOption(TTL_OPTION())
    .option("--agent-hub-url <url>", "the hub's URL as the host sees it, for the lines to paste (default: --hub)")
    .option("--list", "list them, and who used them")
    .option("--revoke", "end those that are open")
    .action(async (ref: string, flags: Flags) => {
      if (flags.list && flags.revoke) throw new UsageError("--list and --revoke do not go together");
      const session = await openSession(flags);
      if (flags.list) await list(session, ref);
      else if (flags.revoke) await revoke(session, ref);
      else await make(session, ref, flags);
    });
}

async function make({ client, url, output }: Session, ref: string, flags: Flags): Promise<void> {
  const ttlSeconds = readTtl(flags.ttl);
  const hubUrl = normalizeHubUrl(flags.agentHubUrl ?? url, "--agent-hub-url");
  const made = await client.createJoinKey(ref, { ttlSeconds });
  const setup = joinSetup(hubUrl, made.joinKey);
  output.document({ ...made, setup }, () =>
    [
      `Join key for one agent, until ${made.expiresAt}, shown this once: ${made.joinKey}`,
      "When an agent joins with it, the environment's token before ends.",
      "",
      describeAgentSetup(setup),
    ].join("\n"),
  );
}

async function revoke({ client, output }: Session, ref: string): Promise<void> {
  await client.revokeJoinKeys(ref);
  output.document({ environment: ref, revoked: true }, () => "Revoked. An agent that joined already stays.");
}

async function list({ client, output }: Session, ref: string): Promise<void> {
  const keys = await client.listJoinKeys(ref);
  if (!output.json && keys.length === 0) {
    output.note(`No join keys. Make one with 'fairlead env join-key ${ref}'.`);
    return;
  }
  output.list(keys, [
    { title: "ID", value: ({ id }) => String(id), align: "right" },
    { title: "STATE", value: ({ state }) => state },
    { title: "MADE", value: ({ createdAt }) => formatAge(createdAt) },
    { title: "UNTIL", value: ({ expiresAt }) => expiresAt },
    { title: "USED BY", value: usedBy },
  ]);
}

function usedBy({ usedBy, usedAt }: JoinKey): string {
  if (usedBy === null) return "-";
  return printable(`${usedBy.agentName} on ${usedBy.hostname} (${usedBy.address}), ${formatAge(usedAt)}`);
}
