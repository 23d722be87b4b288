import { formatBytes, formatPercent } from "./format.ts";

export type ChartUnit = "percent" | "bytes" | "bytesPerSecond" | "count";

/** A figure as it is read in legends and tables. */
export function formatValue(value: number | null, unit: ChartUnit): string {
  if (value === null) return "–";
  switch (unit) {
    case "percent":
      return formatPercent(value);
    case "bytes":
      return formatBytes(value);
    case "bytesPerSecond":
      return `${formatBytes(value)}/s`;
    case "count":
      return value.toLocaleString("en", { maximumFractionDigits: 1 });
  }
}

/** A figure beside an axis: round ones, without digits that say nothing. */
export function formatTick(value: number, unit: ChartUnit): string {
  if (unit === "percent") return `${value.toLocaleString("en", { maximumFractionDigits: 2 })} %`;
  return formatValue(value, unit).replace(/\.0 /, " ");
}

/** Steps of an axis: of bytes those that are round in KiB, MiB, GiB. */
export function tickSteps(unit: ChartUnit): number[] | undefined {
  if (unit === "percent" || unit === "count") return undefined;
  return Array.from({ length: 50 }, (_, power) => 2 ** power);
}

/** What a time axis says at each of its marks, in local time: dates where days change. @param stepS distance of the marks. */
export function timeTicks(times: readonly number[], stepS: number): string[] {
  return times.map((at) => {
    const date = new Date(at * 1000);
    const isDay = stepS >= 86_400 || (date.getHours() === 0 && date.getMinutes() === 0);
    if (isDay) return date.toLocaleDateString(undefined, { month: "short", day: "numeric" });
    return date.toLocaleTimeString(undefined, {
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
      ...(stepS < 60 ? { second: "2-digit" } : {}),
    });
  });
}
