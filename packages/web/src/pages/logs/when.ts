/** A time as people write it in a field or an address: how long ago (`15m`, `1h 30m`, `2d`), or a date and time. */
const AGO = /^(?:\d+(?:\.\d+)?\s*(?:s|m|h|d|w)\s*)+$/i;
const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Unix milliseconds; undefined of an empty text; an Error that says what is wrong. A date without an offset is local. */
export function parseWhen(text: string, now: number): number | undefined | Error {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  if (AGO.test(trimmed)) {
    let ago = 0;
    for (const [, amount, unit = "s"] of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*([smhdw])/gi))
      ago += Number(amount) * (UNIT_MS[unit.toLowerCase()] ?? 0);
    return now - ago;
  }
  const isDate = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i.test(trimmed);
  // A date alone would be taken for UTC.
  const iso = trimmed.length === 10 ? `${trimmed}T00:00` : trimmed.replace(" ", "T").replace(",", ".");
  const at = isDate ? Date.parse(iso) : Number.NaN;
  if (Number.isNaN(at))
    return new Error(
      `${JSON.stringify(trimmed)} is no time. Write 15m, 1h or 2d for how long ago, or 2026-05-01 10:20.`,
    );
  return at;
}
