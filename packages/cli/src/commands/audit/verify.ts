import type { AuditVerification } from "@fairlead/protocol/rest";
import type { Command } from "commander";
import { EXIT_FAILED, ExitCode, UsageError } from "../../errors.ts";
import { Output } from "../../output/output.ts";
import { printable } from "../../output/style.ts";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";

interface Flags extends HubCommandFlags {
  data?: string;
  fromHead?: string;
}

/** `fairlead audit verify` */
export function auditVerify(): Command {
  return hubCommand("verify", "check the audit log against its hashes; exit code 1 when it was tampered with", [
    "audit verify",
    "audit verify --from-head 1234:5f0c…",
    "audit verify --data /backup/fairlead",
  ])
    .option("--from-head <number:hash>", "also find a cut or rewritten end: what 'audit head' printed earlier")
    .option("--data <dir>", "check this data folder (or a copy) without a hub; nothing is written")
    .action(async (flags: Flags) => {
      if (flags.fromHead !== undefined && !/^\d{1,15}:[0-9a-f]{64}$/.test(flags.fromHead)) {
        throw new UsageError(`--from-head '${flags.fromHead}' must be NUMBER:HASH, as 'fairlead audit head' prints it`);
      }
      report(new Output({ json: flags.json }), await verification(flags));
    });
}

async function verification(flags: Flags): Promise<AuditVerification> {
  if (flags.data === undefined) return (await openSession(flags)).client.verifyAudit(flags.fromHead);
  const { verifyAuditFolder } = await import("@fairlead/hub");
  return verifyAuditFolder(flags.data, flags.fromHead);
}

/** @throws ExitCode when the log is not intact. */
function report(output: Output, result: AuditVerification): void {
  const { style } = output;
  output.document(result, () => {
    const { entries, head, prunedThrough, problems, furtherProblems } = result;
    const cut = prunedThrough === null ? "" : ` Retention has removed those up to ${prunedThrough.number}.`;
    const checked = `${entries} entries checked, the last is ${head.number}:${head.hash}.${cut}`;
    if (result.intact) return `${style.paint("good", "The audit log is intact.")} ${checked}`;
    const lines = problems.map(({ message }) => `  ${printable(message)}`);
    if (furtherProblems > 0) lines.push(`  … and ${furtherProblems} more`);
    return [style.paint("bad", "The audit log was tampered with:"), ...lines, checked].join("\n");
  });
  if (!result.intact) throw new ExitCode(EXIT_FAILED);
}
