import { Table } from "@mantine/core";
import type { ReactNode } from "react";
import { type ChartSeries, type ChartSpan, figuresOf, valueAt } from "./chart-data.ts";
import { type ChartUnit, formatValue } from "./chart-unit.ts";
import type { ChartMark } from "./chart.tsx";
import { formatTime } from "./format.ts";

/** Times in the table: enough to follow a course, few enough to read. */
const ROWS = 40;

export interface ChartTableProps {
  readonly title: string;
  readonly series: readonly ChartSeries[];
  readonly unit: ChartUnit;
  readonly shown: ChartSpan;
  readonly marks: readonly ChartMark[];
  readonly height: number;
}

/** What a chart shows as figures: what each line comes to, its course, and the events. */
export function ChartTable({ title, series, unit, shown, marks, height }: ChartTableProps): ReactNode {
  const step = (shown.to - shown.from) / ROWS;
  const times = Array.from({ length: ROWS }, (_, index) => shown.to - (index + 0.5) * step);
  const inside = marks.filter(({ at }) => at >= shown.from && at <= shown.to);
  return (
    <div tabIndex={0} role="region" aria-label={`Figures of ${title}`} style={{ height, overflow: "auto" }}>
      <Table fz="xs" verticalSpacing={3} stickyHeader className="tabular" captionSide="top">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Time</Table.Th>
            {series.map(({ label }) => (
              <Table.Th key={label}>{label}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {(["last", "least", "mean", "greatest"] as const).map((name) => (
            <Table.Tr key={name}>
              <Table.Th>{{ last: "Last", least: "Least", mean: "Mean", greatest: "Greatest" }[name]}</Table.Th>
              {series.map(({ label, points }) => (
                <Table.Td key={label}>{formatValue(figuresOf(points, shown)?.[name] ?? null, unit)}</Table.Td>
              ))}
            </Table.Tr>
          ))}
          {times.map((at) => (
            <Table.Tr key={at}>
              <Table.Td>{formatTime(at * 1000)}</Table.Td>
              {series.map(({ label, points }) => (
                <Table.Td key={label}>{formatValue(valueAt(points, at, Math.max(step, 1)), unit)}</Table.Td>
              ))}
            </Table.Tr>
          ))}
          {inside.map(({ at, title: what }, index) => (
            <Table.Tr key={`${at} ${index}`}>
              <Table.Td>{formatTime(at * 1000)}</Table.Td>
              <Table.Td colSpan={Math.max(1, series.length)}>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
