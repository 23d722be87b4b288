import { Group, Stack, Text } from "@mantine/core";
import type { ContainerSample, Environment } from "@fairlead/protocol/rest";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { useContainerSample } from "../../hub/container-stats.ts";
import { useChartZoom } from "../../ui/chart-zoom.ts";
import { ErrorNote } from "../../ui/error-note.tsx";
import { formatBytes, formatPercent } from "../../ui/format.ts";
import { ChartGrid } from "./chart-grid.tsx";
import { ChartToolbar, useEventsShown } from "./chart-toolbar.tsx";
import { type ContainerFigures, containerCharts } from "./container-figures.ts";
import { containerHistory } from "./container-history.ts";
import { addLive, joinCourse, type Reading } from "./history.ts";
import { isoTime, rangeKey, spanOf } from "./time-range.ts";
import { useEventMarks } from "./use-event-marks.ts";
import { useTimeRange } from "./use-time-range.ts";

export interface ContainerChartsProps {
  readonly environment: Environment;
  readonly containerId: string;
}

const FRESH_MS = 60_000;
const NONE: readonly Reading<ContainerFigures>[] = [];

/** CPU, memory, network and disk of one container: live, and as far back as the hub keeps it. */
export function ContainerCharts({ environment: { id }, containerId }: ContainerChartsProps): ReactNode {
  const time = useTimeRange();
  const { range, span } = time;
  const zoom = useChartZoom();
  const [showsEvents] = useEventsShown();
  const ids = useMemo(() => [id], [id]);
  const marks = useEventMarks(ids, containerId, range, showsEvents);
  const sample = useContainerSample(id, containerId);
  const live = useLiveReadings(`${id}/${containerId}`, sample);
  const history = useQuery({
    queryKey: ["container-course", id, containerId, rangeKey(range)],
    staleTime: FRESH_MS,
    queryFn: ({ signal }) => {
      const { from, to } = spanOf(range, Date.now());
      return containerHistory(id, containerId, { since: isoTime(from), until: isoTime(to) }, signal);
    },
  });
  const charts = useMemo(
    () => containerCharts(joinCourse(history.data, live, span, range.kind === "last")),
    [history.data, live, span, range.kind],
  );
  return (
    <Stack gap="sm">
      <Now sample={sample} />
      <ChartToolbar time={time} zoom={zoom} />
      {history.error && <ErrorNote title="Its history" error={history.error} onRetry={() => void history.refetch()} />}
      <ChartGrid
        charts={charts}
        range={span}
        zoom={zoom}
        marks={marks}
        loading={history.isPending}
        empty="No figures in this time. They come while the container runs and its host answers."
      />
    </Stack>
  );
}

/** What it uses this moment. */
function Now({ sample }: { readonly sample: ContainerSample | undefined }): ReactNode {
  const { cpuPercent, memoryBytes, memoryLimitBytes, pids } = sample ?? {};
  const limit = memoryLimitBytes === undefined ? "" : ` of ${formatBytes(memoryLimitBytes)}`;
  const figures = [
    ["CPU", cpuPercent === undefined ? "–" : formatPercent(cpuPercent)],
    ["Memory", memoryBytes === undefined ? "–" : formatBytes(memoryBytes) + limit],
    ["Processes", pids === undefined ? "–" : String(pids)],
  ] as const;
  return (
    <Group gap="xl" className="fl-card tabular" px="md" py="xs">
      {figures.map(([name, value]) => (
        <div key={name}>
          <Text fz="xs" c="dimmed">
            {name} now
          </Text>
          <Text fz="lg" fw={600}>
            {value}
          </Text>
        </div>
      ))}
    </Group>
  );
}

/** All samples that came since the component is there. */
function useLiveReadings(key: string, sample: ContainerSample | undefined): readonly Reading<ContainerFigures>[] {
  const [kept, setKept] = useState<{ key: string; live: readonly Reading<ContainerFigures>[] }>({ key, live: [] });
  useEffect(() => {
    if (!sample) return;
    const { at, ...metrics } = sample;
    setKept((before) => {
      const live = before.key === key ? before.live : [];
      return { key, live: addLive(live, [{ at: Date.parse(at) / 1000, metrics }]) };
    });
  }, [key, sample]);
  return kept.key === key ? kept.live : NONE;
}
