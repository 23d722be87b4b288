import { type Command, Option } from "commander";
import { AGENT_OPTIONS } from "../agent-program.ts";
import { command } from "./hub-command.ts";

/** Help of `fairlead agent`; what it does is in `agent-program.ts`, which runs without any of the other commands. */
export function agent(): Command {
  const help = command("agent", "the agent: dials a hub, or listens when it is given none", [
    "agent --server wss://hub.example --join-key flj_…",
    "agent --healthcheck",
    "agent   # standard mode, with TOKEN in the environment",
  ]);
  for (const [name, { type, help: text }] of Object.entries(AGENT_OPTIONS)) {
    help.addOption(new Option(type === "string" ? `--${name} <value>` : `--${name}`, text));
  }
  return help.addHelpText("after", "\nIts other settings are environment variables; see the README.");
}
