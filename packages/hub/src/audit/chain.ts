import { hash } from "node:crypto";
import { FairleadError } from "@fairlead/protocol";
import type { AuditEntry, AuditHead } from "@fairlead/protocol/rest";

/** What an entry says, without its place in the chain's hashes. */
export type AuditContent = Omit<AuditEntry, "hash" | "previousHash">;

/** What the first entry of all goes on from. */
export const GENESIS: AuditHead = { number: 0, hash: "0".repeat(64) };

/** SHA-256, hex, over the previous hash and the entry's canonical JSON: `printf %s%s "$previous" "$json" | sha256sum`. */
export function entryHash(previousHash: string, content: AuditContent): string {
  return hash("sha256", previousHash + canonicalJson(content));
}

/**
 * JSON with sorted keys and without blanks, as RFC 8785 has it for texts, whole numbers, booleans and null: entries hold
 * nothing else, so that anybody can check an export with tools of their own.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const record = value as Record<string, unknown>;
  const members = Object.keys(record).toSorted();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonicalJson(record[name])}`).join(",")}}`;
}

/** @throws FairleadError bad_request when it is not NUMBER:HASH. */
export function parseHead(text: string): AuditHead {
  const [, number, digest] = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(text) ?? [];
  if (number !== undefined && digest !== undefined) return { number: Number(number), hash: digest.toLowerCase() };
  throw new FairleadError(
    "bad_request",
    `The head ${JSON.stringify(text.slice(0, 100))} must be NUMBER:HASH, as 'fairlead audit head' prints it.`,
    { details: { field: "fromHead" } },
  );
}
