import type { Environment, IdentityConflict, Light } from "@fairlead/protocol/rest";
import type { Command } from "commander";
import { formatAge, formatBytes } from "../../output/format.ts";
import { printable, type Style } from "../../output/style.ts";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";
import { paintLight } from "./light.ts";

/** `fairlead env show NAME` */
export function envShow(): Command {
  return hubCommand("show", "show all that is known of an environment", ["env show web-1", "env show web-1 --json"])
    .argument("<env>", "name or id")
    .action(async (ref: string, flags: HubCommandFlags) => {
      const { client, output } = await openSession(flags);
      const environment = await client.getEnvironment(ref);
      output.document(environment, () => describe(output.style, environment));
    });
}

function describe(style: Style, environment: Environment): string {
  const { agent, engineInfo, conflict, agentToken } = environment;
  const lines: [string, string][] = [
    ["Name", `${environment.name} (id ${environment.id})`],
    ["Kind", environment.kind],
    ["Address", environment.address ?? "-"],
    ["Added", formatAge(environment.createdAt)],
    ["Labels", labelsOf(environment.labels)],
    ["Link", describeLight(style, environment.link)],
    ["Engine", describeLight(style, environment.engine)],
  ];
  if (engineInfo) {
    const { containers } = engineInfo;
    lines.push([
      "Docker",
      `${engineInfo.version} (API ${engineInfo.apiVersion}), ${engineInfo.os}, ${engineInfo.arch}`,
    ]);
    lines.push(["Machine", `${engineInfo.cpus} CPUs, ${formatBytes(engineInfo.memoryBytes)} memory`]);
    lines.push([
      "Containers",
      `${containers.running} running, ${containers.paused} paused, ${containers.stopped} stopped`,
    ]);
    lines.push(["Images", String(engineInfo.images)]);
    lines.push(["Last seen", formatAge(environment.snapshotAt)]);
  }
  if (agent) {
    lines.push(["Agent", `${agent.agentName} ${agent.version} on ${agent.hostname} (id ${agent.agentId})`]);
    lines.push(["Policy", agent.policy ?? "full"]);
    lines.push(["Speaks", `${agent.protocol}: ${agent.capabilities.join(", ")}`]);
    const when = agent.disconnectedAt === null ? agent.connectedAt : agent.disconnectedAt;
    const state = agent.disconnectedAt === null ? "connected" : "disconnected";
    lines.push(["Connection", `${state} ${formatAge(when)} from ${agent.address ?? "-"}`]);
    if (agent.latencyMs !== null) lines.push(["Round trip", `${agent.latencyMs.toFixed(1)} ms`]);
  }
  if (agentToken) lines.push(["Agent token", describeToken(agentToken)]);
  if (conflict) lines.push(["Conflict", style.paint("warn", describeConflict(conflict))]);
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  return lines
    .map(([name, value]) => `${`${name}:`.padEnd(width)} ${value.includes("\u001b") ? value : printable(value)}`)
    .join("\n");
}

function labelsOf(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? "-" : pairs.join(", ");
}

function describeLight(style: Style, light: Light): string {
  const since = light.since === null ? "" : ` since ${formatAge(light.since)}`;
  return `${paintLight(style, light)}${since}${light.error === null ? "" : `: ${printable(light.error)}`}`;
}

function describeToken(token: NonNullable<Environment["agentToken"]>): string {
  if (token.revokedAt !== null)
    return `revoked ${formatAge(token.revokedAt)}; an agent can join with a new 'env join-key', or 'env rotate-token'`;
  const overlap = token.previousValidUntil === null ? "" : `; the one before works until ${token.previousValidUntil}`;
  return `made ${formatAge(token.createdAt)}, last used ${formatAge(token.lastUsedAt)}${overlap}`;
}

function describeConflict({ at, attempts, refused, connected }: IdentityConflict): string {
  const name = (agent: IdentityConflict["refused"]): string =>
    printable(`${agent.agentName} on ${agent.hostname} (${agent.address ?? "unknown address"})`);
  return `${name(refused)} tried to join ${attempts} times with the token of ${name(connected)}, last ${formatAge(at)}; give it an environment of its own`;
}
