import type { HostMetrics } from "@fairlead/protocol";
import { type ChartPoint, type ChartSeries, rates } from "../../ui/chart-data.ts";
import type { ChartUnit } from "../../ui/chart-unit.ts";
import type { Course } from "./history.ts";

export interface HostCourse {
  readonly name: string;
  readonly course: Course<HostMetrics>;
}

export interface ChartContent {
  readonly title: string;
  readonly unit: ChartUnit;
  readonly series: readonly ChartSeries[];
  readonly max?: number;
}

type Figure = (metrics: HostMetrics) => number | undefined;

const percentOf =
  (used: keyof HostMetrics, total: keyof HostMetrics): Figure =>
  (metrics) => {
    const [part, whole] = [metrics[used], metrics[total]];
    return part === undefined || whole === undefined || whole === 0 ? undefined : (100 * part) / whole;
  };

/** What is drawn of hosts: of one in its own units, of several so that they can be compared. */
export function hostCharts(hosts: readonly HostCourse[]): ChartContent[] {
  const [only] = hosts;
  const cpu: ChartContent = {
    title: "CPU",
    unit: "percent",
    max: 100,
    series: lines(hosts, ({ cpuUsage }) => cpuUsage),
  };
  if (hosts.length === 1 && only) {
    return [
      { ...cpu, series: [line("CPU", only, ({ cpuUsage }) => cpuUsage)] },
      used("Memory", only, "memoryUsed", "memoryTotal"),
      used("Disk", only, "diskUsed", "diskTotal"),
      {
        title: "Network",
        unit: "bytesPerSecond",
        series: [rate("Received", only, "networkRxBytes"), rate("Sent", only, "networkTxBytes")],
      },
    ];
  }
  const traffic = (title: string, counter: "networkRxBytes" | "networkTxBytes"): ChartContent => ({
    title,
    unit: "bytesPerSecond",
    series: hosts.map((host) => rate(host.name, host, counter)),
  });
  return [
    cpu,
    { title: "Memory", unit: "percent", max: 100, series: lines(hosts, percentOf("memoryUsed", "memoryTotal")) },
    { title: "Disk", unit: "percent", max: 100, series: lines(hosts, percentOf("diskUsed", "diskTotal")) },
    traffic("Network, received", "networkRxBytes"),
    traffic("Network, sent", "networkTxBytes"),
  ];
}

function used(title: string, host: HostCourse, part: keyof HostMetrics, whole: keyof HostMetrics): ChartContent {
  const max = host.course.points.findLast(({ metrics }) => metrics[whole] !== undefined)?.metrics[whole];
  return {
    title,
    unit: "bytes",
    series: [line("Used", host, (metrics) => metrics[part])],
    ...(max === undefined ? {} : { max }),
  };
}

function lines(hosts: readonly HostCourse[], figure: Figure): ChartSeries[] {
  return hosts.map((host) => line(host.name, host, figure));
}

function line(label: string, { course }: HostCourse, figure: Figure): ChartSeries {
  const points = course.points.map(({ at, metrics }): ChartPoint => ({ at, value: figure(metrics) ?? null }));
  return { label, points, gaps: course.gaps };
}

function rate(label: string, { course }: HostCourse, counter: "networkRxBytes" | "networkTxBytes"): ChartSeries {
  const counts = course.points.map(({ at, metrics }) => ({ at, count: metrics[counter] }));
  return { label, points: rates(counts, course.maxStepS), gaps: course.gaps };
}
