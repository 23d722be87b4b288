import type { Command } from "commander";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";

/** `fairlead audit head` */
export function auditHead(): Command {
  return hubCommand("head", "print NUMBER:HASH of the last entry, to keep outside of the hub", [
    "audit head >> /mnt/elsewhere/audit-heads",
    'audit verify --from-head "$(tail -1 /mnt/elsewhere/audit-heads)"',
  ]).action(async (flags: HubCommandFlags) => {
    const { client, output } = await openSession(flags);
    const head = await client.auditHead();
    output.document(head, () => `${head.number}:${head.hash}`);
  });
}
