import type { AuditFilter, AuditOutcome } from "@fairlead/protocol/rest";

export const AUDIT_OUTCOME_NAMES: AuditOutcome[] = ["started", "done", "refused", "failed"];

/** The filter's fields as they stand in the address. */
export interface AuditTexts {
  readonly text: string;
  readonly actor: string;
  readonly action: string;
  readonly outcome: string;
  /** Empty, or a span back from now: 1h, 24h, 7d. */
  readonly since: string;
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };

/** What the hub is asked; empty fields are left out. Spans count from the last whole minute, so that a question stays the same for a while. */
export function auditQuery({ since, ...texts }: AuditTexts, now = Date.now()): AuditFilter {
  const query: AuditFilter = {};
  for (const [name, value] of Object.entries(texts)) {
    if (value.trim() !== "") query[name as keyof typeof texts] = value.trim();
  }
  const [, number, unit] = /^(\d{1,4})([hd])$/.exec(since) ?? [];
  const span = Number(number) * (UNIT_MS[unit ?? ""] ?? Number.NaN);
  if (span > 0) query.since = new Date(Math.floor(now / 60_000) * 60_000 - span).toISOString();
  return query;
}
