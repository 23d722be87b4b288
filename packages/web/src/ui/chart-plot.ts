import "uplot/dist/uPlot.min.css";
import uPlot from "uplot";
import type { AlignedData, ChartSpan } from "./chart-data.ts";
import type { ChartMark } from "./chart.tsx";
import { lineDash, type ChartColors } from "./chart-colors.ts";
import { type ChartUnit, formatTick, tickSteps, timeTicks } from "./chart-unit.ts";

/** What a plot is made with; another one of these makes another plot. */
export interface PlotSetting {
  readonly labels: readonly string[];
  readonly unit: ChartUnit;
  /** The figure at the top; absent: the greatest one shown. */
  readonly max?: number;
  readonly colors: ChartColors;
  readonly height: number;
  /** Charts with the same one show their cursor together. */
  readonly syncKey: string;
}

/** What it shows, and goes on to show. */
export interface PlotContent {
  readonly data: AlignedData;
  readonly shown: ChartSpan;
  readonly gaps: readonly ChartSpan[];
  readonly marks: readonly ChartMark[];
}

export interface PlotEvents {
  /** Dragged over. */
  readonly onSelect: (span: ChartSpan) => void;
  readonly onReset: () => void;
  /** Unix seconds; null when it leaves. */
  readonly onCursor: (at: number | null) => void;
}

const AXIS_FONT = "12px 'Inter Variable', system-ui, sans-serif";
const VALUE_AXIS_WIDTH = 68;
const TIME_AXIS_HEIGHT = 28;
/** A drag shorter than this is a click. */
const MIN_DRAG_PX = 6;

/** One uPlot. All of uPlot is in here, so that it is loaded with the first chart. */
export class Plot {
  readonly #plot: uPlot;
  #content: PlotContent;

  constructor(host: HTMLElement, setting: PlotSetting, content: PlotContent, events: PlotEvents) {
    this.#content = content;
    const width = Math.max(120, host.clientWidth);
    this.#plot = new uPlot(this.#options(setting, events, width), content.data, host);
    this.show(content);
  }

  show(content: PlotContent): void {
    this.#content = content;
    const { from: min, to: max } = content.shown;
    this.#plot.batch(() => {
      this.#plot.setData(content.data, false);
      this.#plot.setScale("x", { min, max });
    });
  }

  resize(width: number, height: number): void {
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height });
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #options(
    { labels, unit, max, colors, height, syncKey }: PlotSetting,
    events: PlotEvents,
    width: number,
  ): uPlot.Options {
    const axis = {
      stroke: colors.text,
      font: AXIS_FONT,
      grid: { stroke: colors.line, width: 1 },
      ticks: { stroke: colors.line, width: 1, size: 4 },
    };
    const steps = tickSteps(unit);
    return {
      width,
      height,
      padding: [10, 12, 0, 0],
      legend: { show: false },
      scales: {
        x: { time: true },
        // From nothing on: figures that are compared begin at the same place.
        y: { range: (_, __, greatest) => [0, max ?? Math.max(greatest ?? 0, unit === "percent" ? 1 : 8) * 1.08] },
      },
      axes: [
        {
          ...axis,
          size: TIME_AXIS_HEIGHT,
          space: 64,
          values: (_plot: uPlot, splits: number[], _axis: number, _space: number, step: number) =>
            timeTicks(splits, step),
        },
        {
          ...axis,
          size: VALUE_AXIS_WIDTH,
          space: 34,
          ...(steps ? { incrs: steps } : {}),
          values: (_plot: uPlot, splits: number[]) => splits.map((value) => formatTick(value, unit)),
        },
      ],
      series: [
        {},
        ...labels.map((label, index): uPlot.Series => {
          const stroke = colors.series[index % colors.series.length] ?? colors.text;
          return {
            label,
            stroke,
            width: 1.6,
            dash: [...lineDash(index)],
            points: { show: false },
            ...(labels.length === 1 ? { fill: `${stroke}1f` } : {}),
          };
        }),
      ],
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false, dist: MIN_DRAG_PX },
        points: { size: 7 },
        bind: {
          dblclick: () => () => {
            events.onReset();
            return null;
          },
        },
        sync: {
          key: syncKey,
          setSeries: false,
          filters: { pub: (type) => type === "mousemove" || type === "mouseleave" },
        },
      },
      hooks: {
        setSelect: [
          (plot) => {
            const { left, width: wide } = plot.select;
            if (wide < MIN_DRAG_PX) return;
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            events.onSelect({ from: plot.posToVal(left, "x"), to: plot.posToVal(left + wide, "x") });
          },
        ],
        setCursor: [
          (plot) => {
            const { left = -1 } = plot.cursor;
            events.onCursor(left < 0 ? null : plot.posToVal(left, "x"));
          },
        ],
        drawClear: [(plot) => this.#drawGaps(plot, colors)],
        draw: [(plot) => this.#drawMarks(plot, colors)],
      },
    };
  }

  #drawGaps(plot: uPlot, colors: ChartColors): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.fillStyle = colors.gap;
    for (const { from, to } of this.#content.gaps) {
      const left = Math.max(bbox.left, plot.valToPos(from, "x", true));
      const right = Math.min(bbox.left + bbox.width, plot.valToPos(to, "x", true));
      if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
    ctx.restore();
  }

  #drawMarks(plot: uPlot, colors: ChartColors): void {
    const { ctx, bbox } = plot;
    const unit = uPlot.pxRatio;
    ctx.save();
    ctx.lineWidth = unit;
    for (const { at, tone } of this.#content.marks) {
      const x = Math.round(plot.valToPos(at, "x", true));
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.strokeStyle = colors.tones[tone];
      ctx.fillStyle = colors.tones[tone];
      ctx.setLineDash([2 * unit, 3 * unit]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.beginPath();
      ctx.moveTo(x - 4 * unit, bbox.top - 6 * unit);
      ctx.lineTo(x + 4 * unit, bbox.top - 6 * unit);
      ctx.lineTo(x, bbox.top);
      ctx.fill();
    }
    ctx.restore();
  }
}
