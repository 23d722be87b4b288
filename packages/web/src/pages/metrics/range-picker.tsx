import { Button, Group, Popover, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { IconCalendar } from "@tabler/icons-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { localTime, parseTimeRange, RANGES } from "./time-range.ts";
import type { ShownTime } from "./use-time-range.ts";

/** Chooses the time that is looked at. */
export function RangePicker({ time }: { readonly time: ShownTime }): ReactNode {
  const { range, set } = time;
  const [opened, setOpened] = useState(false);
  return (
    <Group gap="xs">
      <SegmentedControl
        size="xs"
        aria-label="Time"
        data={RANGES.map(({ value, label }) => ({ value, label }))}
        value={range.kind === "last" ? range.name : ""}
        onChange={(value) => set(parseTimeRange({ range: value }))}
      />
      <Popover opened={opened} onChange={setOpened} trapFocus position="bottom-end">
        <Popover.Target>
          <Button
            size="xs"
            variant={range.kind === "fixed" ? "light" : "default"}
            leftSection={<IconCalendar size={15} aria-hidden />}
            onClick={() => setOpened(!opened)}
          >
            {range.kind === "fixed" ? `${short(range.from)} – ${short(range.to)}` : "From – to"}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>{opened && <FixedRange time={time} onDone={() => setOpened(false)} />}</Popover.Dropdown>
      </Popover>
    </Group>
  );
}

function short(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" });
}

function FixedRange({ time: { span, set }, onDone }: { time: ShownTime; onDone: () => void }): ReactNode {
  const [since, setSince] = useState(localTime(span.from));
  const [until, setUntil] = useState(localTime(span.to));
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
        <TextInput
          type="datetime-local"
          label="From"
          value={since}
          onChange={(event) => setSince(event.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          label="To"
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
          error={range.kind === "fixed" ? undefined : "It must be after the first."}
        />
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
