import { type ChartSeries, type ChartSpan, figuresOf } from "./chart-data.ts";
import { type ChartUnit, formatValue } from "./chart-unit.ts";
import { count } from "./format.ts";

/** What a chart shows, in words, for who cannot see it. */
export function summarizeChart(
  title: string,
  unit: ChartUnit,
  series: readonly ChartSeries[],
  span: ChartSpan,
  marks: number,
): string {
  const time = (at: number): string => new Date(at * 1000).toLocaleString();
  const lines = series.map(({ label, points, gaps = [] }) => {
    const figures = figuresOf(points, span);
    if (!figures) return `${label}: no figures.`;
    const { least, greatest, greatestAt, last } = figures;
    const text = (value: number): string => formatValue(value, unit);
    const missing = gaps.filter(({ from, to }) => to > span.from && from < span.to).length;
    return `${label}: last ${text(last)}, from ${text(least)} to ${text(greatest)}, the greatest at ${time(greatestAt)}${missing === 0 ? "" : `, with ${count(missing, "gap")}`}.`;
  });
  const events = marks === 0 ? "" : ` ${count(marks, "event")} marked.`;
  return `${title} from ${time(span.from)} to ${time(span.to)}. ${lines.join(" ")}${events}`;
}
