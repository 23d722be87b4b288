import { FairleadError } from "@fairlead/protocol";

/**
 * A time in a query, as Unix milliseconds: ISO 8601, or Unix seconds.
 *
 * @throws FairleadError bad_request naming the field.
 */
export function parseQueryTime(text: string, field: string): number {
  const milliseconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : parseIso(text);
  // What Date can hold: anything beyond is a mistake in the unit.
  if (Math.abs(milliseconds) <= 8.64e15) return milliseconds;
  throw new FairleadError(
    "bad_request",
    `${field}: ${JSON.stringify(text.slice(0, 64))} is not a time. Give an ISO 8601 time like 2026-01-31T12:00:00Z, or Unix seconds.`,
    { details: { field } },
  );
}

/** Not `Date.parse` alone, which takes "5 apples" for a month. */
function parseIso(text: string): number {
  return /^\d{4}-\d{2}-\d{2}([T ][\d:.,]+(Z|[+-]\d{2}:?\d{2})?)?$/i.test(text) ? Date.parse(text) : Number.NaN;
}
