import { type ChartSeries, rates } from "../../ui/chart-data.ts";
import type { ContainerSample } from "@fairlead/protocol/rest";
import type { Course } from "./history.ts";
import type { ChartContent } from "./host-figures.ts";

export type ContainerFigures = Omit<ContainerSample, "at" | "environmentId" | "id">;
type Name = keyof ContainerFigures;

/** What is drawn of a container. */
export function containerCharts(course: Course<ContainerFigures>): ChartContent[] {
  const line = (label: string, name: Name): ChartSeries => ({
    label,
    points: course.points.map(({ at, metrics }) => ({ at, value: metrics[name] ?? null })),
    gaps: course.gaps,
  });
  const rate = (label: string, name: Name): ChartSeries => ({
    label,
    points: rates(
      course.points.map(({ at, metrics }) => ({ at, count: metrics[name] })),
      course.maxStepS,
    ),
    gaps: course.gaps,
  });
  return [
    { title: "CPU (100 % is one core)", unit: "percent", series: [line("CPU", "cpuPercent")] },
    { title: "Memory", unit: "bytes", series: [line("Used", "memoryBytes")] },
    {
      title: "Network",
      unit: "bytesPerSecond",
      series: [rate("Received", "networkRxBytes"), rate("Sent", "networkTxBytes")],
    },
    {
      title: "Block devices",
      unit: "bytesPerSecond",
      series: [rate("Read", "blockReadBytes"), rate("Written", "blockWriteBytes")],
    },
    { title: "Processes", unit: "count", series: [line("Processes", "pids")] },
  ];
}
