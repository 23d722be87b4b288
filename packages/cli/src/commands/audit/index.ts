import type { Command } from "commander";
import { command } from "../hub-command.ts";
import { auditExport } from "./export.ts";
import { auditHead } from "./head.ts";
import { auditList } from "./list.ts";
import { auditReplay } from "./replay.ts";
import { auditVerify } from "./verify.ts";

/** `fairlead audit …` */
export function audit(): Command {
  const noun = command("audit", "who changed what: list, export and verify the audit log, replay sessions", [
    "audit list --since 1d",
  ]);
  for (const verb of [auditList, auditExport, auditHead, auditVerify, auditReplay]) noun.addCommand(verb());
  return noun;
}
