import type { AuditEntry } from "@fairlead/protocol/rest";
import type { AuditContent } from "./chain.ts";
import type { AuditRow, NewAuditRow } from "./record.ts";

/** What a row says, in the shape that is hashed and shown. */
export function contentOf(row: NewAuditRow & { readonly number: number }): AuditContent {
  return {
    number: row.number,
    at: isoTime(row.at),
    durationMs: row.duration_ms ?? null,
    door: row.door,
    actor: {
      kind: row.actor_kind,
      id: row.actor_id ?? null,
      name: row.actor_name ?? null,
      personId: row.person_id ?? null,
    },
    address: row.address ?? null,
    action: row.action,
    environment:
      row.environment_id === null || row.environment_id === undefined
        ? null
        : { id: row.environment_id, name: row.environment_name ?? "" },
    target: row.target ?? null,
    method: row.method ?? null,
    path: row.path ?? null,
    outcome: row.outcome,
    status: row.status ?? null,
    code: row.code ?? null,
    requestId: row.request_id ?? null,
    details: parseDetails(row.details),
  };
}

export function entryOf(row: AuditRow): AuditEntry {
  return { ...contentOf(row), previousHash: row.previous_hash, hash: row.hash };
}

/** Of a row that somebody else has written, too: it must be shown, and its hash tells that it is not ours. */
function isoTime(at: number): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? new Date(0).toISOString() : time.toISOString();
}

function parseDetails(json: string): AuditContent["details"] {
  try {
    return JSON.parse(json) as AuditContent["details"];
  } catch {
    return { unreadable: true };
  }
}
