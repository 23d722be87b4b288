import type { ReactNode } from "react";
import { useNow } from "./clock.ts";
import { formatAge, formatTime } from "./format.ts";

/** How long ago something was, kept up; the exact time as its title. `at`: ISO 8601, or Unix milliseconds. */
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
      {formatAge(time, Math.max(now, time))}
    </time>
  );
}
