import { UsageError } from "../errors.ts";

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * A time of an option: ISO 8601, Unix seconds, or a span like `10m` or `1h30m`, counted back from now (or forward: "future").
 * @throws UsageError naming the option.
 */
export function parseTime(
  text: string,
  option: string,
  direction: "past" | "future" = "past",
  now: number = Date.now(),
): Date {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([smhdw])/g)];
  if (parts.length > 0 && parts.map(([part]) => part).join("") === text) {
    const span = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ""] ?? 0), 0);
    return new Date(direction === "past" ? now - span : now + span);
  }
  const time = /^\d+(\.\d+)?$/.test(text)
    ? new Date(Number(text) * 1000)
    : new Date(/\d{4}-\d/.test(text) ? text : Number.NaN);
  if (Number.isNaN(time.getTime())) {
    throw new UsageError(
      `${option} '${text}' must be a time (2026-01-31T12:00:00Z), Unix seconds, or a span (10m, 1h30m)`,
    );
  }
  return time;
}
