import { Box } from "@mantine/core";
import type { ReactNode } from "react";

/** How full something is. `percent`: 0-100. From 80 on it warns, from 92 on it is bad. */
export function Meter({ percent, label }: { percent: number; label: string }): ReactNode {
  const tone = percent >= 92 ? "bad" : percent >= 80 ? "warn" : undefined;
  const value = Math.max(0, Math.min(100, percent));
  return (
    <Box
      className="fl-meter"
      data-tone={tone}
      role="meter"
      aria-label={label}
      aria-valuenow={Math.round(value)}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <div style={{ width: `${value}%` }} />
    </Box>
  );
}
