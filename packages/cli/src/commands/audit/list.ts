import type { AuditEntry } from "@fairlead/protocol/rest";
import type { Command } from "commander";
import { printable, type Style, type Tone } from "../../output/style.ts";
import { hubCommand, openSession, wholeNumber } from "../hub-command.ts";
import { auditFilter, type AuditFilterFlags, withAuditFilter } from "./filter-options.ts";

interface Flags extends AuditFilterFlags {
  number: string;
}

/** The hub's own limit (`MAX_AUDIT_PAGE`). */
const PAGE = 1000;
const MAX_LISTED = 100_000;

/** `fairlead audit list` */
export function auditList(): Command {
  const list = hubCommand("list", "show the last entries, oldest of them first", [
    "audit list --since 1d --env web-1",
    "audit list --action 'container.*' --outcome refused failed",
    "audit list --actor ci --json",
  ]).alias("ls");
  return withAuditFilter(list)
    .option("-n, --number <entries>", "how many at most", "100")
    .action(async (flags: Flags) => {
      const wanted = wholeNumber(flags.number, "--number", 1, MAX_LISTED);
      const filter = auditFilter(flags);
      const { client, output } = await openSession(flags);
      const entries: AuditEntry[] = [];
      for (let after: number | null | undefined; after !== null && entries.length < wanted;) {
        const limit = Math.min(PAGE, wanted - entries.length);
        const page = await client.listAudit({ ...filter, limit, ...(after === undefined ? {} : { after }) });
        entries.push(...page.items);
        after = page.next;
      }
      const { style } = output;
      output.list(entries.toReversed(), [
        { title: "NUMBER", value: ({ number }) => String(number), align: "right" },
        { title: "TIME", value: ({ at }) => style.paint("faint", at) },
        { title: "WHO", value: whoOf },
        { title: "FROM", value: ({ address, door }) => printable(address ?? door) },
        { title: "ACTION", value: ({ action }) => printable(action) },
        { title: "WHERE", value: ({ environment }) => style.paint("host", printable(environment?.name ?? "-")) },
        { title: "TARGET", value: ({ target }) => printable(target ?? "-") },
        { title: "OUTCOME", value: (entry) => outcomeOf(style, entry) },
      ]);
    });
}

function whoOf({ actor }: AuditEntry): string {
  return printable(actor.name ?? actor.id ?? actor.kind);
}

const TONES: Readonly<Record<AuditEntry["outcome"], Tone>> = {
  started: "faint",
  done: "good",
  refused: "warn",
  failed: "bad",
};

function outcomeOf(style: Style, { outcome, code, status }: AuditEntry): string {
  const why = outcome === "done" || outcome === "started" ? "" : ` ${code ?? status ?? ""}`.trimEnd();
  return style.paint(TONES[outcome], printable(outcome + why));
}
