/** Numbers and times as people read them. */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** `1536` as `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return "–";
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/** `12.34` as `12 %`, `3.21` as `3.2 %`. */
export function formatPercent(percent: number): string {
  if (!Number.isFinite(percent)) return "–";
  return `${percent >= 10 ? Math.round(percent) : percent.toFixed(1)} %`;
}

const SPANS = [
  [86_400 * 365, "y"],
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
] as const;

/** A span in its two largest parts: `3 d 4 h`, `12 min`, `8 s`. */
export function formatDuration(milliseconds: number): string {
  let seconds = Math.max(0, Math.round(milliseconds / 1000));
  const parts: string[] = [];
  for (const [size, unit] of SPANS) {
    if (parts.length === 2 || (parts.length === 1 && unit === "s")) break;
    const count = Math.floor(seconds / size);
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
    seconds -= count * size;
  }
  return parts.length === 0 ? "0 s" : parts.join(" ");
}

/** `2 min ago`, `in 3 h`, `now`. */
export function formatAge(at: number, now: number): string {
  const ms = now - at;
  if (Math.abs(ms) < 5_000) return "now";
  return ms > 0 ? `${formatDuration(ms)} ago` : `in ${formatDuration(-ms)}`;
}

/** Made once, as the one below: each `toLocaleString` would take half a millisecond, and tables show hundreds. */
const timeFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** Local date and time to the second. */
export function formatTime(at: number): string {
  return timeFormat.format(at);
}

const ISO_TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** A message of the hub's with its times as this reader has them: the hub does not know where the reader is. */
export function withLocalTimes(text: string): string {
  return text.replace(ISO_TIME, (time) => formatTime(Date.parse(time)));
}

const numberFormat = new Intl.NumberFormat("en");

/** `12,345`. */
export function formatNumber(number: number): string {
  return numberFormat.format(number);
}

/** `1 container`, `3 containers`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${formatNumber(number)} ${number === 1 ? one : many}`;
}

/** The first 12 characters of an id, without `sha256:`. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, "").slice(0, 12);
}

/** For `<input type="datetime-local">`: local time without its zone. @param at Unix milliseconds */
export function localTime(at: number): string {
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
