import { ActionIcon, Group, Text, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconArrowRight, IconZoomIn, IconZoomOut, IconZoomReset } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useStore } from "../hub/store.ts";
import type { ChartSpan } from "./chart-data.ts";
import { type ChartZoom, moved, zoomed } from "./chart-zoom.ts";

/** The zoom of a page's charts by buttons: what dragging and a double click do, for the keyboard and for fingers. */
export function ChartControls({ zoom, range }: { readonly zoom: ChartZoom; readonly range: ChartSpan }): ReactNode {
  const span = useStore(zoom.span);
  const shown = span ?? range;
  const isAll = span === null;
  const time = (at: number): string =>
    new Date(at * 1000).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" });
  const button = (label: string, icon: ReactNode, off: boolean, run: () => void): ReactNode => (
    <Tooltip label={label}>
      <ActionIcon
        variant="default"
        size="md"
        aria-label={label}
        aria-disabled={off}
        data-disabled={off}
        onClick={() => {
          if (!off) run();
        }}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  );
  return (
    <Group gap={4} wrap="nowrap" role="group" aria-label="Zoom of all charts">
      {button("Zoom in", <IconZoomIn size={16} aria-hidden />, false, () => zoom.span.set(zoomed(shown, range, 0.5)))}
      {button(
        isAll ? "Zoom out: all of the time is shown" : "Zoom out",
        <IconZoomOut size={16} aria-hidden />,
        isAll,
        () => zoom.span.set(zoomed(shown, range, 2)),
      )}
      {button("Earlier", <IconArrowLeft size={16} aria-hidden />, isAll, () =>
        zoom.span.set(moved(shown, range, -0.5)),
      )}
      {button("Later", <IconArrowRight size={16} aria-hidden />, isAll, () => zoom.span.set(moved(shown, range, 0.5)))}
      {button("Show all of the time", <IconZoomReset size={16} aria-hidden />, isAll, () => zoom.reset())}
      <Text fz="xs" c="dimmed" className="tabular ellipsis" role="status" visibleFrom="sm">
        {!isAll && `${time(shown.from)} – ${time(shown.to)}`}
      </Text>
    </Group>
  );
}
