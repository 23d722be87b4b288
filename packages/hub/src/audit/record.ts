import type { AuditActor, AuditDoor, AuditOutcome } from "@fairlead/protocol/rest";
import type { Insertable, Selectable } from "kysely";
import type { Caller } from "../access/caller.ts";
import type { AuditEntryTable } from "../database/schema.ts";
import { canonicalJson } from "./chain.ts";

/**
 * Something that was done, or tried. Bodies and secrets have no place in it: a path goes through `auditPath`, and `details`
 * hold what the recorder itself knows.
 */
export interface AuditRecord {
  readonly actor: AuditActor;
  /** A permission (`container.start`), or a name of its own (`sign-in`, `token.create`). */
  readonly action: string;
  readonly outcome: AuditOutcome;
  /** Default: `hub`. */
  readonly door?: AuditDoor;
  /** Unix milliseconds when it began. Default: now. */
  readonly at?: number;
  readonly durationMs?: number;
  /** Where the request came from: `clientAddress`. */
  readonly address?: string;
  readonly environment?: { readonly id: number; readonly name: string };
  readonly target?: string | undefined;
  readonly method?: string;
  readonly path?: string;
  readonly status?: number;
  readonly code?: string | undefined;
  readonly requestId?: string;
  /** Whole numbers only. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
}

/** The hub itself. */
export const SYSTEM: AuditActor = { kind: "system", id: null, name: null, personId: null };
/** Somebody who is not known. */
export const NOBODY: AuditActor = { kind: "nobody", id: null, name: null, personId: null };

export function actorOf(caller: Pick<Caller, "kind" | "id" | "name" | "personId"> | undefined): AuditActor {
  if (caller === undefined) return NOBODY;
  const { kind, id, name, personId } = caller;
  return { kind, id, name, personId };
}

/** A row before it has its place in the chain. */
export type NewAuditRow = Omit<Insertable<AuditEntryTable>, "number" | "hash" | "previous_hash">;
export type AuditRow = Selectable<AuditEntryTable>;

/** Ids of containers and names of images are shorter; what is longer was made to fill the disk. */
const MAX_TEXT_LENGTH = 512;
const MAX_PATH_LENGTH = 1024;

export function newAuditRow(record: AuditRecord, now: number): NewAuditRow {
  const { actor, environment } = record;
  return {
    at: record.at ?? now,
    duration_ms: record.durationMs === undefined ? null : Math.round(record.durationMs),
    door: record.door ?? "hub",
    actor_kind: actor.kind,
    actor_id: clean(actor.id),
    actor_name: clean(actor.name),
    person_id: clean(actor.personId),
    address: clean(record.address),
    action: clean(record.action) ?? "",
    environment_id: environment?.id ?? null,
    environment_name: clean(environment?.name),
    target: clean(record.target),
    method: clean(record.method),
    path: clean(record.path, MAX_PATH_LENGTH),
    outcome: record.outcome,
    status: record.status ?? null,
    code: clean(record.code),
    request_id: clean(record.requestId),
    details: canonicalJson(cleanDetails(record.details)),
  };
}

function cleanDetails(details: AuditRecord["details"] = {}): Record<string, string | number | boolean> {
  const pairs = Object.entries(details).map(([name, value]) => {
    if (typeof value === "string") return [name, clean(value) ?? ""] as const;
    return [name, typeof value === "number" ? Math.round(value) : value] as const;
  });
  return Object.fromEntries(pairs);
}

/**
 * Control characters could move the cursor of whoever reads it; they, and halves of surrogate pairs, do not come back from every
 * database as they went in, which would break the hash.
 */
function clean(text: string | null | undefined, maxLength = MAX_TEXT_LENGTH): string | null {
  if (text === null || text === undefined) return null;
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return cut.toWellFormed().replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
}
