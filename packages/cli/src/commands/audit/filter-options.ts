import type { AuditFilter } from "@fairlead/protocol/rest";
import type { Command } from "commander";
import { parseTime } from "../../output/time.ts";
import type { HubCommandFlags } from "../hub-command.ts";

export interface AuditFilterFlags extends HubCommandFlags {
  actor?: string;
  action?: string[];
  env?: string[];
  outcome?: string[];
  since?: string;
  until?: string;
  text?: string;
}

/** What `audit list` and `audit export` are narrowed by. */
export function withAuditFilter(command: Command): Command {
  return command
    .option("--actor <name>", "who did it: name or id, or token, person, agent, system, nobody")
    .option("--action <action...>", "container.start, token.create, 'container.*', …")
    .option("--env <env...>", "names or ids of environments, removed ones too")
    .option("--outcome <outcome...>", "started, done, refused, failed")
    .option("--since <time>", "2026-01-31T12:00:00Z, Unix seconds, or 10m")
    .option("--until <time>", "before this time")
    .option("--text <part>", "part of target, path, address, name, code or request id");
}

/** @throws UsageError when a time is none. */
export function auditFilter(flags: AuditFilterFlags): AuditFilter {
  return {
    ...(flags.actor === undefined ? {} : { actor: flags.actor }),
    ...(flags.action === undefined ? {} : { action: flags.action.join(",") }),
    ...(flags.env === undefined ? {} : { environment: flags.env.join(",") }),
    ...(flags.outcome === undefined ? {} : { outcome: flags.outcome.join(",") }),
    ...(flags.since === undefined ? {} : { since: parseTime(flags.since, "--since").toISOString() }),
    ...(flags.until === undefined ? {} : { until: parseTime(flags.until, "--until").toISOString() }),
    ...(flags.text === undefined ? {} : { text: flags.text }),
  };
}
