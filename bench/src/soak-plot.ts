/** One line of a panel. */
export interface PlotSeries {
  readonly name: string;
  readonly color: "hub" | "agent";
  readonly isDashed?: boolean;
  readonly values: readonly number[];
}

export interface PlotPanel {
  /** With its unit: it labels the axis. */
  readonly title: string;
  readonly series: readonly PlotSeries[];
}

const WIDTH = 800;
const PANEL_HEIGHT = 240;
const LEFT = 64;
const RIGHT = 180;
const TOP = 40;
const BOTTOM = 44;
const LINE_HEIGHT = 18;

/** Readable on light and on dark pages: an SVG shown as an image follows the reader's colour scheme. */
const STYLE = `
    text { font: 13px system-ui, sans-serif; fill: #1f2328 }
    .page { fill: #ffffff } .grid { stroke: #d1d9e0 } .hub { stroke: #0969da } .agent { stroke: #bc4c00 }
    .line { fill: none; stroke-width: 2; stroke-linejoin: round } .dashed { stroke-dasharray: 5 4 }
    .title { font-weight: 600 }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc }
      .page { fill: #0d1117 } .grid { stroke: #3d444d } .hub { stroke: #58a6ff } .agent { stroke: #f0883e }
    }`;

/** Panels one above the other, over minutes. */
export function plotSvg(minutes: readonly number[], panels: readonly PlotPanel[]): string {
  const height = panels.length * PANEL_HEIGHT;
  const body = panels.map((panel, index) => drawPanel(minutes, panel, index * PANEL_HEIGHT)).join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">
  <style>${STYLE}
  </style>
  <rect class="page" width="${WIDTH}" height="${height}"/>
${body}
</svg>
`;
}

function drawPanel(minutes: readonly number[], { title, series }: PlotPanel, offset: number): string {
  const right = WIDTH - RIGHT;
  const [top, bottom] = [offset + TOP, offset + PANEL_HEIGHT - BOTTOM];
  const xs = axis(Math.max(...minutes));
  const ys = axis(Math.max(...series.flatMap(({ values }) => values)));
  const x = (value: number): number => round(LEFT + (value / xs.end) * (right - LEFT));
  const y = (value: number): number => round(bottom - (value / ys.end) * (bottom - top));
  const lines = [`<text class="title" x="${LEFT}" y="${top - 16}">${title}</text>`];
  for (const tick of ys.ticks) {
    lines.push(`<path class="grid" d="M${LEFT} ${y(tick)}H${right}"/>`);
    lines.push(`<text x="${LEFT - 8}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`);
  }
  for (const tick of xs.ticks) {
    lines.push(`<text x="${x(tick)}" y="${bottom + LINE_HEIGHT}" text-anchor="middle">${tick}</text>`);
  }
  lines.push(`<text x="${(LEFT + right) / 2}" y="${bottom + 2 * LINE_HEIGHT}" text-anchor="middle">minutes</text>`);
  series.forEach(({ name, color, isDashed, values }, index) => {
    const style = `line ${color}${isDashed ? " dashed" : ""}`;
    const points = values.map((value, at) => `${x(minutes[at] ?? 0)},${y(value)}`).join(" ");
    const legendY = top + index * LINE_HEIGHT + 8;
    lines.push(`<polyline class="${style}" points="${points}"/>`);
    lines.push(`<path class="${style}" d="M${right + 12} ${legendY}h24"/>`);
    lines.push(`<text x="${right + 42}" y="${legendY + 4}">${name}</text>`);
  });
  return lines.map((line) => `  ${line}`).join("\n");
}

/** From 0 to at least `max` in four to eight round steps. */
function axis(max: number): { end: number; ticks: number[] } {
  const rough = Math.max(max, Number.EPSILON) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [5, 2, 1].map((factor) => factor * power).find((candidate) => candidate <= rough) ?? power;
  const count = Math.ceil(max / step);
  return { end: count * step, ticks: Array.from({ length: count + 1 }, (_, index) => round(index * step)) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
