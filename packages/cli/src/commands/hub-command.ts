import { FairleadClient } from "@fairlead/api-client";
import { Command, Option } from "commander";
import { UsageError } from "../errors.ts";
import { Output } from "../output/output.ts";
import { type HubFlags, hubSettings } from "../settings/hub-settings.ts";
import { trustCertificates } from "../settings/trusted-certificates.ts";

/** Options that every command has which talks to a hub. */
export interface HubCommandFlags extends HubFlags {
  json?: boolean;
}

/** A hub to talk to, and where to write. */
export interface Session {
  readonly client: FairleadClient;
  readonly url: string;
  readonly token: string;
  readonly output: Output;
}

/** A command with its help: one line of what it does, and examples. */
export function command(name: string, summary: string, examples: readonly string[]): Command {
  const lines = examples.map((example) => `  $ fairlead ${example}`);
  return new Command(name).description(summary).addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}

/** A command that prints something from a hub: `--hub`, `--api-token` and `--json`. */
export function hubCommand(name: string, summary: string, examples: readonly string[]): Command {
  return passingCommand(name, summary, examples).option("--json", "JSON: one document, or one a line for each item");
}

/** A command that talks to a hub and prints what another program does: `--hub` and `--api-token`. */
export function passingCommand(name: string, summary: string, examples: readonly string[]): Command {
  return command(name, summary, examples)
    .addOption(new Option("--hub <url>", "the hub's URL (default: FAIRLEAD_URL, the login, this machine's hub)"))
    .addOption(
      new Option(
        "--api-token <secret>",
        "API token (default: FAIRLEAD_API_TOKEN or its _FILE, the login, this machine's hub)",
      ),
    );
}

/** Opens the hub that the options, variables and login name. @throws FairleadError config_invalid when there is none. */
export async function openSession(flags: HubCommandFlags): Promise<Session> {
  trustCertificates(process.env);
  const { url, token } = await hubSettings(flags);
  return { client: new FairleadClient({ url, token }), url, token, output: new Output({ json: flags.json }) };
}

/** Aborted by Ctrl-C, SIGTERM and SIGHUP, so that commands that go on for ever end in order. */
export function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

/** A number of an option. @throws UsageError when it is not a whole number in range. */
export function wholeNumber(text: string, name: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < minimum || value > maximum) {
    throw new UsageError(`${name} must be a whole number from ${minimum} to ${maximum}, not '${text}'`);
  }
  return value;
}
