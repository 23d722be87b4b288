import { Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { type Store, useStore } from "../hub/store.ts";
import { CHART_COLORS, lineDash } from "./chart-colors.ts";
import { type ChartSeries, type ChartSpan, valueAt } from "./chart-data.ts";
import { type ChartUnit, formatValue } from "./chart-unit.ts";
import type { ChartMark } from "./chart.tsx";

/** Figures and events belong to a cursor this near, as a part of what is shown. */
const NEAR = 1 / 60;
/** So many events are named under the cursor. */
const MAX_NAMED = 2;

export interface ChartLegendProps {
  readonly series: readonly ChartSeries[];
  readonly unit: ChartUnit;
  readonly shown: ChartSpan;
  readonly cursor: Store<number | null>;
  readonly marks: readonly ChartMark[];
  readonly scheme: "light" | "dark";
}

/** Which line is which, with its figure under the cursor, or the last one; and what is marked there. */
export function ChartLegend({ series, unit, shown, cursor, marks, scheme }: ChartLegendProps): ReactNode {
  const at = useStore(cursor);
  const near = (shown.to - shown.from) * NEAR;
  const here = at === null ? [] : marks.filter((mark) => Math.abs(mark.at - at) <= near / 2);
  const isGap = at !== null && series.some(({ gaps = [] }) => gaps.some(({ from, to }) => at > from && at < to));
  const colors = CHART_COLORS[scheme];
  return (
    <Group gap="2px 10px" mih={22} fz="xs" className="tabular">
      {series.map(({ label, points }, index) => (
        <Group key={label} gap={5} wrap="nowrap">
          <svg width={18} height={4} aria-hidden style={{ flex: "none" }}>
            <path
              d="M0 2H18"
              stroke={colors.series[index % colors.series.length]}
              strokeWidth={2.5}
              strokeDasharray={lineDash(index).join(" ")}
            />
          </svg>
          <span>{label}</span>
          <Text span fz="xs" fw={600}>
            {formatValue(at === null ? lastOf(points, shown) : valueAt(points, at, near), unit)}
          </Text>
        </Group>
      ))}
      <Text span fz="xs" c="dimmed" className="ellipsis" ml="auto">
        {at !== null && new Date(at * 1000).toLocaleString()}
        {isGap && ": no figures"}
        {here.slice(0, MAX_NAMED).map(({ title }) => ` · ${title}`)}
        {here.length > MAX_NAMED && ` · ${here.length - MAX_NAMED} more`}
      </Text>
    </Group>
  );
}

function lastOf(points: ChartSeries["points"], { from, to }: ChartSpan): number | null {
  return points.findLast(({ at, value }) => value !== null && at >= from && at <= to)?.value ?? null;
}
