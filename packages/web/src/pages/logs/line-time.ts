import { formatAge } from "../../ui/format.ts";

/** How times stand before lines. */
export type TimeStyle = "local" | "utc" | "relative" | "off";

const two = (number: number): string => String(number).padStart(2, "0");

/** The date and the time of a line. */
export function formatLineTime(micros: number, style: TimeStyle, now: number): readonly [date: string, time: string] {
  const at = new Date(micros / 1000);
  const milliseconds = String(at.getUTCMilliseconds()).padStart(3, "0");
  if (style === "relative") return ["", formatAge(at.getTime(), Math.max(now, at.getTime()))];
  if (style === "utc") {
    const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
    return [`${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`, `${time}.${milliseconds}Z`];
  }
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return [`${two(at.getMonth() + 1)}-${two(at.getDate())}`, `${time}.${milliseconds}`];
}
