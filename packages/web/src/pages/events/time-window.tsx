import { Button, Group, Stack, Text } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { localTime } from "../../ui/format.ts";
import { TimeSpanFields, TimeSpanPopover } from "../../ui/time-span-fields.tsx";

export interface TimeWindowProps {
  /** ISO 8601, or empty. */
  readonly since: string;
  readonly until: string;
  readonly onChange: (window: { readonly since: string; readonly until: string }) => void;
}

/** Chooses from when to when; either end may be open. */
export function TimeWindow(props: TimeWindowProps): ReactNode {
  const { since, until, onChange } = props;
  return (
    <TimeSpanPopover text={describe(since, until)} chosen={since !== "" || until !== ""}>
      {(close) => (
        <Form
          {...props}
          onChange={(window) => {
            onChange(window);
            close();
          }}
        />
      )}
    </TimeSpanPopover>
  );
}

function describe(since: string, until: string): string {
  const short = (iso: string): string =>
    new Date(iso).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" });
  if (since === "" && until === "") return "Any time";
  if (until === "") return `Since ${short(since)}`;
  return since === "" ? `Until ${short(until)}` : `${short(since)} – ${short(until)}`;
}

function Form({ since, until, onChange }: TimeWindowProps): ReactNode {
  const [from, setFrom] = useState(localText(since));
  const [to, setTo] = useState(localText(until));
  const wrong = from !== "" && to !== "" && from >= to;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!wrong) onChange({ since: isoText(from), until: isoText(to) });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <TimeSpanFields from={from} to={to} onFrom={setFrom} onTo={setTo} wrong={wrong} />
        <Text fz="xs" c="dimmed">
          Your local time. An empty field leaves that end open.
        </Text>
        <Group gap="xs" grow>
          <Button size="xs" variant="default" onClick={() => onChange({ since: "", until: "" })}>
            Any time
          </Button>
          <Button size="xs" type="submit">
            Show
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function localText(iso: string): string {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? "" : localTime(at);
}

function isoText(local: string): string {
  const date = new Date(local);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}
