/** A time of a log: engines write nanoseconds, of which a number holds not all. */
export interface LogTime {
  /** Unix microseconds. */
  readonly micros: number;
  /** 0-999, beyond the microseconds. */
  readonly nanos: number;
}

export function compareTimes(a: LogTime, b: LogTime): number {
  return a.micros - b.micros || a.nanos - b.nanos;
}

export function fromMilliseconds(milliseconds: number): LogTime {
  return { micros: Math.floor(milliseconds * 1000), nanos: 0 };
}

/** `2026-05-01T10:20:30.123456789Z`. */
export function formatStamp({ micros, nanos }: LogTime): string {
  const milliseconds = Math.floor(micros / 1000);
  const rest = (micros - milliseconds * 1000) * 1000 + nanos;
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${String(rest).padStart(6, "0")}Z`;
}

/** The time that is an RFC 3339 text with up to nine digits after the point; undefined of anything else. */
export function parseStamp(text: string): LogTime | undefined {
  const bytes = new TextEncoder().encode(`${text} `);
  const reader = new StampReader();
  return reader.read(bytes, 0, bytes.length) === bytes.length
    ? { micros: reader.micros, nanos: reader.nanos }
    : undefined;
}

const ZERO = 48;
const [DASH, COLON, POINT, PLUS, SPACE, T, Z] = [45, 58, 46, 43, 32, 84, 90];

/** Reads the times before lines, without making an object of each. */
export class StampReader {
  micros = 0;
  nanos = 0;
  #second = Number.NaN;
  #secondKey = -1;
  #dayKey = -1;

  /** The bytes that the time and the space after it take, from `at` on; 0 when none stands there, and then the last one stays. */
  read(bytes: Uint8Array, at: number, end: number): number {
    if (
      end - at < 21 ||
      bytes[at + 4] !== DASH ||
      bytes[at + 7] !== DASH ||
      bytes[at + 10] !== T ||
      bytes[at + 13] !== COLON ||
      bytes[at + 16] !== COLON
    )
      return 0;
    const day = digits(bytes, at, 4) * 10_000 + digits(bytes, at + 5, 2) * 100 + digits(bytes, at + 8, 2);
    const second = digits(bytes, at + 11, 2) * 10_000 + digits(bytes, at + 14, 2) * 100 + digits(bytes, at + 17, 2);
    if (Number.isNaN(day) || Number.isNaN(second)) return 0;
    let position = at + 19;
    let fraction = 0;
    let count = 0;
    if (bytes[position] === POINT) {
      position += 1;
      for (; position < end; position += 1, count += 1) {
        const digit = (bytes[position] ?? 0) - ZERO;
        if (digit < 0 || digit > 9) break;
        if (count < 9) fraction = fraction * 10 + digit;
      }
      if (count === 0) return 0;
    }
    for (; count < 9; count += 1) fraction *= 10;
    let offset = 0;
    const sign = bytes[position];
    if (sign === Z) position += 1;
    else if ((sign === PLUS || sign === DASH) && bytes[position + 3] === COLON && position + 6 <= end) {
      offset = digits(bytes, position + 1, 2) * 3600 + digits(bytes, position + 4, 2) * 60;
      if (Number.isNaN(offset)) return 0;
      if (sign === DASH) offset = -offset;
      position += 6;
    } else return 0;
    if (bytes[position] !== SPACE || position >= end) return 0;
    // Many lines have the same second: a date is worked out once for them.
    if (day !== this.#dayKey || second !== this.#secondKey) {
      this.#dayKey = day;
      this.#secondKey = second;
      this.#second =
        Date.UTC(
          Math.floor(day / 10_000),
          (Math.floor(day / 100) % 100) - 1,
          day % 100,
          Math.floor(second / 10_000),
          Math.floor(second / 100) % 100,
          second % 100,
        ) / 1000;
    }
    this.micros = (this.#second - offset) * 1e6 + Math.floor(fraction / 1000);
    this.nanos = fraction % 1000;
    return position + 1 - at;
  }
}

function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index += 1) {
    const digit = (bytes[index] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
