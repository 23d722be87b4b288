import { isFairleadError } from "@fairlead/protocol";

/** The field that the hub's refusal names: `tls.caCert`; undefined where it names none. */
export function refusedField(error: unknown): string | undefined {
  if (!isFairleadError(error)) return undefined;
  const field = error.details?.["field"];
  return typeof field === "string" ? field : undefined;
}

/** What the hub says of this field, or of one within it. */
export function fieldError(error: unknown, field: string): string | undefined {
  const refused = refusedField(error);
  const isHere = refused === field || refused?.startsWith(`${field}.`);
  return isHere && isFairleadError(error) ? error.message : undefined;
}

/** True when none of the fields that are shown says it. */
export function isUnplaced(error: unknown, shown: readonly string[]): boolean {
  return !shown.some((field) => fieldError(error, field) !== undefined);
}
