import { Group, Text } from "@mantine/core";
import type { Environment, MetricsPoint } from "@fairlead/protocol/rest";
import { memo, type ReactNode } from "react";
import { useHostMetrics } from "../../hub/host-metrics.ts";
import { useNow } from "../../ui/clock.ts";
import { formatAge, formatPercent } from "../../ui/format.ts";
import { Sparkline } from "../../ui/sparkline.tsx";
import { type HostPercents, isFresh, lastHour, percentsOf } from "./host-figures.ts";

const NAMES: Record<keyof HostPercents, string> = { cpu: "CPU", memory: "Memory", disk: "Disk" };
/** A minute's step moves the line by half a pixel: more often nobody sees it. */
const STEP_MS = 60_000;

/** One figure of a host: what it is now, and its last hour. What is old is dimmed and says its age; what is absent stays absent. */
export const HostFigure = memo(function HostFigure(props: {
  readonly environment: Environment;
  readonly figure: keyof HostPercents;
  readonly width?: number;
}): ReactNode {
  const { environment, figure, width = 50 } = props;
  const points = useHostMetrics(environment.id);
  const now = useNow();
  const point = newest(points, figure);
  if (point === undefined) {
    return (
      <Text span fz="inherit" c="dimmed" aria-label={`${NAMES[figure]}: no figures`}>
        –
      </Text>
    );
  }
  const value = percentsOf(point.metrics)[figure] ?? 0;
  // Of a host that is away nothing is as of now.
  const fresh = environment.link.state === "up" && isFresh(point, now);
  const age = fresh ? "" : ` ${formatAge(point.at * 1000, now)}`;
  const values = lastHour(points, Math.ceil(now / STEP_MS) * STEP_MS, (metrics) => percentsOf(metrics)[figure]);
  const label = `${NAMES[figure]} of the last hour, ${fresh ? "now " : ""}${formatPercent(value)}${age}`;
  return (
    <Group gap="xs" wrap="nowrap" {...(fresh ? {} : { c: "dimmed" })}>
      <Text span fz="inherit" className="tabular" w={44} title={label} style={{ flex: "none" }}>
        {formatPercent(value)}
      </Text>
      {fresh ? (
        <Sparkline values={values} max={100} width={width} label={label} />
      ) : (
        <Text span fz="xs" className="ellipsis">
          {age}
        </Text>
      )}
    </Group>
  );
});

function newest(points: readonly MetricsPoint[], figure: keyof HostPercents): MetricsPoint | undefined {
  return points.findLast(({ metrics }) => percentsOf(metrics)[figure] !== undefined);
}
