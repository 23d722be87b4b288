import type { Command } from "commander";
import { openSession, hubCommand } from "../hub-command.ts";
import { auditFilter, type AuditFilterFlags, withAuditFilter } from "./filter-options.ts";

/** `fairlead audit export` */
export function auditExport(): Command {
  const name = "write the audit log as JSON lines, oldest first, with the hashes that prove it";
  return withAuditFilter(
    hubCommand("export", name, ["audit export > audit.jsonl", "audit export --since 30d --actor ci"]),
  ).action(async (flags: AuditFilterFlags) => {
    const filter = auditFilter(flags);
    const { client, output } = await openSession(flags);
    for await (const entry of client.exportAudit(filter)) await output.writeLine(JSON.stringify(entry));
  });
}
