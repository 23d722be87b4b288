/** A time as engines tell it. */
export interface EventTime {
  /** Unix milliseconds, rounded down. */
  readonly milliseconds: number;
  readonly nanoseconds: bigint;
  /** How exact the time is: what its last digit counts, in nanoseconds. 1, a thousand, a million, or a whole second. */
  readonly unit: bigint;
}

/** By groups of three digits. Go leaves zeros at the end out, and a time between two units is taken for the finer one. */
const UNITS = [1_000_000_000n, 1_000_000n, 1_000n, 1n];

const ISO_8601 = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,30}))?(Z|z|[+-]\d{2}:?\d{2})$/;

/** An ISO 8601 time with its nanoseconds, which `Date` would lose; `undefined` when it is none. */
export function parseEventTime(text: string): EventTime | undefined {
  const [, date, time, fraction = "", zone = ""] = ISO_8601.exec(text) ?? [];
  if (date === undefined || time === undefined) return undefined;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const seconds = Date.parse(`${date}T${time}${offset}`) / 1000;
  if (!Number.isFinite(seconds)) return undefined;
  const nanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
  return {
    milliseconds: Number(nanoseconds / 1_000_000n),
    nanoseconds,
    unit: UNITS[Math.ceil(fraction.length / 3)] ?? 1n,
  };
}

/** The ISO 8601 text of Unix nanoseconds, all nine digits. */
export function formatNanoseconds(nanoseconds: bigint): string {
  const seconds = nanoseconds / 1_000_000_000n;
  const fraction = (nanoseconds % 1_000_000_000n).toString().padStart(9, "0");
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, -5)}.${fraction}Z`;
}

/** The time cut to what `unit` can tell, in as many digits. */
export function coarsened(timestamp: string, unit: bigint): string {
  const time = parseEventTime(timestamp);
  if (!time || time.unit >= unit) return timestamp;
  const digits = 3 * UNITS.indexOf(unit);
  const [seconds = "", fraction = ""] = formatNanoseconds(time.nanoseconds).slice(0, -1).split(".");
  return digits > 0 ? `${seconds}.${fraction.slice(0, digits)}Z` : `${seconds}Z`;
}

/** The `since` and `until` of `/events`: seconds with nine digits. */
export function engineTimestamp(nanoseconds: bigint): string {
  return `${nanoseconds / 1_000_000_000n}.${(nanoseconds % 1_000_000_000n).toString().padStart(9, "0")}`;
}

export function millisecondsToNanoseconds(milliseconds: number): bigint {
  return BigInt(Math.floor(milliseconds)) * 1_000_000n;
}
