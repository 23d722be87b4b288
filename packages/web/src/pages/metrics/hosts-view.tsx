import type { Environment } from "@fairlead/protocol/rest";
import { type ReactNode, useMemo } from "react";
import { useChartZoom } from "../../ui/chart-zoom.ts";
import { ErrorNote } from "../../ui/error-note.tsx";
import { ChartGrid } from "./chart-grid.tsx";
import { ChartToolbar, useEventsShown } from "./chart-toolbar.tsx";
import { hostCharts } from "./host-figures.ts";
import { useEventMarks } from "./use-event-marks.ts";
import { useHostCourses } from "./use-host-courses.ts";
import { useTimeRange } from "./use-time-range.ts";

const EMPTY =
  "No figures in this time. Figures come from agents that send them; the hub keeps a day in full and 30 days in steps of 5 minutes.";

/** Charts of the hosts, with the choice of time. */
export function HostsView({ hosts: chosen }: { readonly hosts: readonly Environment[] }): ReactNode {
  const time = useTimeRange();
  const zoom = useChartZoom();
  const [showsEvents] = useEventsShown();
  const { hosts, loading, error, retry } = useHostCourses(chosen, time);
  const ids = useMemo(() => chosen.map(({ id }) => id), [chosen]);
  const marks = useEventMarks(ids, undefined, time.range, showsEvents);
  const charts = useMemo(() => hostCharts(hosts), [hosts]);
  return (
    <>
      <ChartToolbar time={time} zoom={zoom} />
      {error && <ErrorNote error={error} onRetry={retry} />}
      <ChartGrid charts={charts} range={time.span} zoom={zoom} marks={marks} loading={loading} empty={EMPTY} />
    </>
  );
}
