import { Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import type { ChartSpan } from "../../ui/chart-data.ts";
import type { ChartZoom } from "../../ui/chart-zoom.ts";
import { Chart, type ChartMark } from "../../ui/chart.tsx";
import type { ChartContent } from "./host-figures.ts";

export interface ChartGridProps {
  readonly charts: readonly ChartContent[];
  readonly range: ChartSpan;
  readonly zoom: ChartZoom;
  readonly marks: readonly ChartMark[];
  readonly loading: boolean;
  readonly empty: string;
}

/** As high as a chart with its title and its legend. */
const CARD_HEIGHT = 256;

/** Charts of the same time, side by side where there is room. */
export function ChartGrid({ charts, range, zoom, marks, loading, empty }: ChartGridProps): ReactNode {
  return (
    <div className="fl-charts">
      {charts.map((chart) =>
        loading ? (
          <Skeleton key={chart.title} h={CARD_HEIGHT} />
        ) : (
          <Chart key={chart.title} {...chart} range={range} zoom={zoom} marks={marks} empty={empty} />
        ),
      )}
    </div>
  );
}
