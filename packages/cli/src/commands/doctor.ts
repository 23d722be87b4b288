import { FairleadClient } from "@fairlead/api-client";
import type { Command } from "commander";
import { type Finding, StopHere } from "../doctor/finding.ts";
import { examineEnvironment, examineHub } from "../doctor/examine-hub.ts";
import { EXIT_FAILED, ExitCode } from "../errors.ts";
import { Output } from "../output/output.ts";
import { printable } from "../output/style.ts";
import { hubSettings } from "../settings/hub-settings.ts";
import { trustCertificates } from "../settings/trusted-certificates.ts";
import { hubCommand, type HubCommandFlags } from "./hub-command.ts";

interface Flags extends HubCommandFlags {
  agent?: boolean;
}

/** `fairlead doctor [ENV…]` */
export function doctor(): Command {
  return hubCommand("doctor", "find the layer that fails: DNS, TCP, TLS, proxy, upgrade, token, Docker", [
    "doctor",
    "doctor web-1",
    "doctor --agent   # on a host, with the agent's variables",
  ])
    .argument("[env...]", "names or ids (default: all)")
    .option("--agent", "look at an agent's way to its hub and engine, by the agent's own variables")
    .action(async (environments: string[], flags: Flags) => {
      const output = new Output(flags);
      let failed = false;
      const tell = (finding: Finding): void => {
        failed ||= !finding.ok;
        show(output, finding);
      };
      try {
        if (flags.agent) {
          const { examineAgent } = await import("../doctor/examine-agent.ts");
          await examineAgent(process.env, tell);
        } else await examineAll(environments, flags, tell);
      } catch (error) {
        if (!(error instanceof StopHere)) throw error;
      }
      if (failed) throw new ExitCode(EXIT_FAILED);
    });
}

async function examineAll(
  environments: readonly string[],
  flags: Flags,
  tell: (finding: Finding) => void,
): Promise<void> {
  trustCertificates(process.env);
  const settings = await hubSettings(flags);
  const client = new FairleadClient(settings);
  await examineHub(client, settings, tell);
  const known =
    environments.length === 0
      ? await client.listEnvironments()
      : await Promise.all(environments.map((ref) => client.getEnvironment(ref)));
  for (const environment of known) await examineEnvironment(client, environment, tell);
}

function show(output: Output, finding: Finding): void {
  if (output.json) return output.jsonLine(finding);
  const { style } = output;
  const { ok, target, layer, detail, advice } = finding;
  const mark = ok ? style.paint("good", "ok    ") : style.paint("bad", "FAILED");
  output.line(`${mark} ${style.paint("host", printable(target))} ${layer}: ${printable(detail)}`);
  if (advice !== undefined) output.line(`       ${advice}`);
}
