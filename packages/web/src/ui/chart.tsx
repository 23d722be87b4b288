import { ActionIcon, Group, Text, Title, Tooltip, useComputedColorScheme } from "@mantine/core";
import { IconTable } from "@tabler/icons-react";
import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { Store, useStore } from "../hub/store.ts";
import { CHART_COLORS } from "./chart-colors.ts";
import {
  alignSeries,
  type ChartSeries,
  type ChartSpan,
  downsample,
  joinSpans,
  pointsWithin,
  withBreaks,
} from "./chart-data.ts";
import { ChartLegend } from "./chart-legend.tsx";
import type { Plot, PlotContent } from "./chart-plot.ts";
import { summarizeChart } from "./chart-summary.ts";
import { ChartTable } from "./chart-table.tsx";
import type { ChartUnit } from "./chart-unit.ts";
import type { ChartZoom } from "./chart-zoom.ts";
import type { Tone } from "./tone.ts";

/** Something that happened, as a mark in a chart. `at`: Unix seconds. */
export interface ChartMark {
  readonly at: number;
  readonly title: string;
  readonly tone: Tone;
}

export interface ChartProps {
  readonly title: string;
  readonly unit: ChartUnit;
  readonly series: readonly ChartSeries[];
  /** All that is asked for; the zoom shows a part of it. */
  readonly range: ChartSpan;
  readonly zoom: ChartZoom;
  readonly max?: number;
  readonly marks?: readonly ChartMark[];
  /** Why there is nothing to draw. */
  readonly empty?: string;
}

const HEIGHT = 190;
/** Points of one line: more than a wide screen has pixels for. */
const MAX_POINTS = 2_000;
const NO_MARKS: readonly ChartMark[] = [];

/** Figures over time: gaps stay gaps, events are marked, dragging zooms all charts of the page, and a table tells the same in figures. */
export function Chart(props: ChartProps): ReactNode {
  const { title, unit, series, range, zoom, max, marks = NO_MARKS, empty = "No figures in this time." } = props;
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const zoomedTo = useStore(zoom.span);
  const shown = useMemo(() => zoomedTo ?? range, [zoomedTo, range]);
  const [cursor] = useState(() => new Store<number | null>(null));
  const [asTable, setAsTable] = useState(false);
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const id = useId();

  const content = useMemo<PlotContent>(() => {
    const lines = series.map(({ points, gaps = [] }) =>
      downsample(pointsWithin(withBreaks(points, gaps), shown), MAX_POINTS),
    );
    return { data: alignSeries(lines, shown), shown, gaps: joinSpans(series.flatMap(({ gaps = [] }) => gaps)), marks };
  }, [series, shown, marks]);
  const latest = useRef(content);
  const [failure, setFailure] = useState<string | null>(null);

  const labels = series.map(({ label }) => label).join("\n");
  useEffect(() => {
    const place = host.current;
    if (!place || labels === "") return;
    let ended = false;
    let observer: ResizeObserver | undefined;
    const draw = async (): Promise<void> => {
      const { Plot } = await import("./chart-plot.ts");
      if (ended) return;
      const setting = {
        labels: labels.split("\n"),
        unit,
        colors: CHART_COLORS[scheme],
        height: HEIGHT,
        syncKey: zoom.key,
        ...(max === undefined ? {} : { max }),
      };
      const made = new Plot(place, setting, latest.current, {
        onSelect: (span) => zoom.show(span),
        onReset: () => zoom.reset(),
        onCursor: (at) => cursor.set(at),
      });
      plot.current = made;
      observer = new ResizeObserver(() => made.resize(place.clientWidth, HEIGHT));
      observer.observe(place);
    };
    draw().catch((error: unknown) => setFailure(error instanceof Error ? error.message : String(error)));
    return () => {
      ended = true;
      observer?.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [labels, unit, max, scheme, zoom, cursor]);
  useEffect(() => {
    latest.current = content;
    plot.current?.show(content);
  }, [content]);

  const isEmpty = series.every(({ points }) => points.every(({ value }) => value === null));
  return (
    <section className="fl-card fl-chart" aria-labelledby={id}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Title order={2} id={id} fz="sm">
          {title}
        </Title>
        <Tooltip label={asTable ? "Show the chart" : "Show the figures"}>
          <ActionIcon
            variant={asTable ? "light" : "subtle"}
            color="gray"
            aria-label={`Figures of ${title}`}
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
          >
            <IconTable size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Group>
      <ChartLegend series={series} unit={unit} shown={shown} cursor={cursor} marks={marks} scheme={scheme} />
      {asTable && <ChartTable title={title} series={series} unit={unit} shown={shown} marks={marks} height={HEIGHT} />}
      <div style={{ position: "relative", height: HEIGHT, display: asTable ? "none" : undefined }}>
        <div
          ref={host}
          role="img"
          aria-label={summarizeChart(title, unit, series, shown, marks.length)}
          style={{ height: HEIGHT }}
        />
        {(isEmpty || failure !== null) && (
          <Text className="fl-chart-empty" c="dimmed" fz="sm">
            {failure === null ? empty : `The chart cannot be drawn: ${failure}`}
          </Text>
        )}
      </div>
    </section>
  );
}
