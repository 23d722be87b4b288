import { Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { localTime } from "../../ui/format.ts";
import { TimeSpanFields, TimeSpanPopover } from "../../ui/time-span-fields.tsx";
import { parseTimeRange, RANGES } from "./time-range.ts";
import type { ShownTime } from "./use-time-range.ts";

/** Chooses the time that is looked at. */
export function RangePicker({ time }: { readonly time: ShownTime }): ReactNode {
  const { range, set } = time;
  const isFixed = range.kind === "fixed";
  return (
    <Group gap="xs">
      <SegmentedControl
        size="xs"
        aria-label="Time"
        data={RANGES.map(({ value, label }) => ({ value, label }))}
        value={range.kind === "last" ? range.name : ""}
        onChange={(value) => set(parseTimeRange({ range: value }))}
      />
      <TimeSpanPopover
        size="xs"
        text={isFixed ? `${short(range.from)} – ${short(range.to)}` : "From – to"}
        chosen={isFixed}
      >
        {(close) => <FixedRange time={time} onDone={close} />}
      </TimeSpanPopover>
    </Group>
  );
}

function short(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" });
}

function FixedRange({ time: { span, set }, onDone }: { time: ShownTime; onDone: () => void }): ReactNode {
  const [since, setSince] = useState(localTime(span.from * 1000));
  const [until, setUntil] = useState(localTime(span.to * 1000));
  const range = parseTimeRange({ since, until });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (range.kind !== "fixed") return;
    set(range);
    onDone();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <TimeSpanFields from={since} to={until} onFrom={setSince} onTo={setUntil} wrong={range.kind !== "fixed"} />
        <Text fz="xs" c="dimmed">
          Your local time. The hub keeps a day in full and 30 days in steps of 5 minutes.
        </Text>
        <Button type="submit" size="xs">
          Show this time
        </Button>
      </Stack>
    </form>
  );
}
