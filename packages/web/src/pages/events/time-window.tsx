import { Button, Group, Popover, Stack, Text, TextInput } from "@mantine/core";
import { IconCalendar } from "@tabler/icons-react";
import { type FormEvent, type ReactNode, useState } from "react";

export interface TimeWindowProps {
  /** ISO 8601, or empty. */
  readonly since: string;
  readonly until: string;
  readonly onChange: (window: { readonly since: string; readonly until: string }) => void;
}

/** Chooses from when to when; either end may be open. */
export function TimeWindow(props: TimeWindowProps): ReactNode {
  const { since, until, onChange } = props;
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus position="bottom-end">
      <Popover.Target>
        <Button
          variant={since === "" && until === "" ? "default" : "light"}
          leftSection={<IconCalendar size={16} aria-hidden />}
          onClick={() => setOpened(!opened)}
        >
          {describe(since, until)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        {opened && (
          <Form
            {...props}
            onChange={(window) => {
              onChange(window);
              setOpened(false);
            }}
          />
        )}
      </Popover.Dropdown>
    </Popover>
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
        <TextInput
          type="datetime-local"
          label="From"
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          label="To"
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
          error={wrong ? "It must be after the first." : undefined}
        />
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

/** As the browser's own field has it: local, without a zone. */
function localText(iso: string): string {
  const date = new Date(iso);
  if (iso === "" || Number.isNaN(date.getTime())) return "";
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function isoText(local: string): string {
  const date = new Date(local);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}
