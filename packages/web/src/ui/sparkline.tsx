import type { ReactNode } from "react";

export interface SparklineProps {
  /** Oldest first; undefined where there is none. */
  readonly values: readonly (number | undefined)[];
  /** The value at the top. Default: the largest. */
  readonly max?: number;
  readonly width?: number;
  readonly height?: number;
  /** What it shows, for who cannot see it: "CPU of the last hour, now 12 %". */
  readonly label: string;
}

/** A course of figures the size of a word; gaps stay gaps. */
export function Sparkline({ values, max, width = 96, height = 22, label }: SparklineProps): ReactNode {
  const known = values.filter((value) => value !== undefined);
  const top = Math.max(max ?? 0, ...(max === undefined ? known : []), Number.EPSILON);
  const step = values.length > 1 ? width / (values.length - 1) : width;
  let path = "";
  let drawing = false;
  for (const [index, value] of values.entries()) {
    if (value === undefined) {
      drawing = false;
      continue;
    }
    const y = height - 1 - (Math.min(value, top) / top) * (height - 2);
    // A value that stands alone is a dot.
    path += `${drawing ? "L" : "M"}${(index * step).toFixed(1)} ${y.toFixed(1)}${drawing ? "" : "h0"}`;
    drawing = true;
  }
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
      style={{ flex: "none" }}
    >
      <path d={`M0 ${height - 0.5}H${width}`} stroke="var(--fl-line)" />
      <path
        d={path}
        fill="none"
        stroke="var(--mantine-color-sea-6)"
        strokeWidth="1.5"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
}
