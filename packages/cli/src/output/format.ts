/** Figures in words, as docker shows them. */

const BINARY_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** `1536` → `1.5KiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < BINARY_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : Number(value.toPrecision(3))}${BINARY_UNITS[unit] ?? "B"}`;
}

const SPANS: readonly [seconds: number, letter: string][] = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "m"],
  [1, "s"],
];

/** `93_000` ms → `1m`: the largest unit that fits. */
export function formatSpan(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  for (const [size, letter] of SPANS) if (seconds >= size) return `${Math.floor(seconds / size)}${letter}`;
  return "0s";
}

/** Time since an ISO 8601 time: `5m ago`; `never` for null. */
export function formatAge(time: string | null, now: number = Date.now()): string {
  if (time === null) return "never";
  return `${formatSpan(now - Date.parse(time))} ago`;
}
