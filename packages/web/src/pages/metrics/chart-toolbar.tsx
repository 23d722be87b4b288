import { Group, Switch } from "@mantine/core";
import type { ReactNode } from "react";
import { useSearchText } from "../../app/search-text.ts";
import { ChartControls } from "../../ui/chart-controls.tsx";
import type { ChartZoom } from "../../ui/chart-zoom.ts";
import { RangePicker } from "./range-picker.tsx";
import type { ShownTime } from "./use-time-range.ts";

/** Whether events are marked in charts, as the address has it. */
export function useEventsShown(): readonly [boolean, (shown: boolean) => void] {
  const [text, setText] = useSearchText("marks");
  return [text !== "off", (shown) => setText(shown ? "" : "off")];
}

/** What all charts below show: which time, which part of it, and whether with events. */
export function ChartToolbar({ time, zoom }: { readonly time: ShownTime; readonly zoom: ChartZoom }): ReactNode {
  const [events, setEvents] = useEventsShown();
  return (
    <Group gap="sm">
      <RangePicker
        time={{
          ...time,
          set: (range) => {
            zoom.reset();
            time.set(range);
          },
        }}
      />
      <ChartControls zoom={zoom} range={time.span} />
      <Switch size="xs" label="Events" checked={events} onChange={(event) => setEvents(event.currentTarget.checked)} />
    </Group>
  );
}
