import { parseEventTime } from "./event-time.ts";
import type { Gap } from "./new-event.ts";

/**
 * The gap that an agent reports as an `error` with the code `events_lost`. Protocol 1.0 has no field for its times: they are in
 * the text, the first from when and the second until when. Without them it ends now, and began at a time unknown.
 */
export function reportedGap(text: string, now: number): Gap {
  const [from, to] = text
    .split(" ")
    .map((word) => parseEventTime(word)?.milliseconds)
    .filter((time) => time !== undefined && time <= now);
  return to === undefined ? { from: null, to: now, reason: text } : { from: from ?? null, to, reason: text };
}
