import type { ReactNode } from "react";
import { useNow } from "./clock.ts";
import { formatAge, formatTime } from "./format.ts";

/** The hub's clock may be a little before this one's. */
const SKEW_MS = 60_000;

/** How long ago something was, or when it will be, kept up; the exact time as its title. `at`: ISO 8601, or Unix milliseconds. */
export function Age({
  at,
  fallback = "never",
}: {
  at: string | number | null | undefined;
  fallback?: string;
}): ReactNode {
  const now = useNow();
  if (at === null || at === undefined) return fallback;
  const time = typeof at === "number" ? at : Date.parse(at);
  return (
    <time dateTime={new Date(time).toISOString()} title={formatTime(time)}>
      {formatAge(time, time - now < SKEW_MS ? Math.max(now, time) : now)}
    </time>
  );
}
