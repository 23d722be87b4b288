import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { PolicyVerdict } from "@fairlead/agent/policy";
import { type Command, Option } from "commander";
import { EXIT_FAILED, ExitCode } from "../../errors.ts";
import { Output } from "../../output/output.ts";
import { printable } from "../../output/style.ts";
import { command } from "../hub-command.ts";

interface Flags {
  json?: boolean;
  expect?: "allowed" | "refused";
}

/** Names that stand for policies and not for files. */
const PRESETS = new Set(["no-exec", "read-only"]);

/** `fairlead policy test FILE < requests` */
export function policyTest(): Command {
  return command("test", "tell what a policy would do with requests, one a line of standard input", [
    "policy test policy.yaml < requests",
    "echo 'POST /containers/web/exec' | fairlead policy test no-exec",
    `echo '{"path":"/containers/x/json","container":{"name":"web"}}' | fairlead policy test policy.yaml --expect allowed`,
  ])
    .argument("<file>", "a policy file, or no-exec or read-only")
    .addOption(new Option("--expect <what>", "exit 1 unless all are").choices(["allowed", "refused"]))
    .option("--json", "JSON: one line for each request")
    .action(async (file: string, flags: Flags) => {
      const { loadPolicy, parsePolicyTrial, tryPolicy } = await import("@fairlead/agent/policy");
      const policy = await loadPolicy(PRESETS.has(file) ? file : resolve(file));
      const output = new Output(flags);
      let isAsExpected = true;
      for await (const line of createInterface({ input: process.stdin })) {
        const text = line.trim();
        if (text === "" || text.startsWith("#")) continue;
        const verdict = await tryPolicy(policy, parsePolicyTrial(text));
        isAsExpected &&= flags.expect === undefined || verdict.allowed === (flags.expect === "allowed");
        show(output, verdict);
      }
      if (!isAsExpected) throw new ExitCode(EXIT_FAILED);
    });
}

function show(output: Output, verdict: PolicyVerdict): void {
  if (output.json) return output.jsonLine(verdict);
  const { style } = output;
  const mark = verdict.allowed ? style.paint("good", "allowed") : style.paint("bad", "refused");
  const reason = verdict.reason === undefined ? "" : `: ${printable(verdict.reason)}`;
  output.line(`${mark} ${printable(verdict.call)}${reason}`);
}
