import { Button, Group, Stack, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useSearchTexts } from "./search-texts.ts";
import { parseWhen } from "./when.ts";

const AGO = ["15m", "1h", "6h", "24h"];

/** Since when, and until when, the logs are read; kept in the address. */
export function TimeRange(): ReactNode {
  const [range, setRange] = useSearchTexts("since", "until", "at");
  const [since, setSince] = useState(range.since);
  const [until, setUntil] = useState(range.until);
  const now = Date.now();
  const errors = [since, until].map((text) => {
    const when = parseWhen(text, now);
    return when instanceof Error ? when.message : undefined;
  });
  const apply = (next: { since: string; until: string }): void => {
    setSince(next.since);
    setUntil(next.until);
    setRange({ ...next, at: "" });
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (errors.every((error) => error === undefined)) apply({ since, until });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Group gap={4}>
          {AGO.map((ago) => (
            <Button
              key={ago}
              size="compact-xs"
              variant={range.since === ago && range.until === "" ? "light" : "default"}
              onClick={() => apply({ since: ago, until: "" })}
            >
              {ago}
            </Button>
          ))}
        </Group>
        <TextInput
          size="xs"
          label="Since"
          description="How long ago (15m, 1h, 2d), or a local date and time."
          placeholder="2026-05-01 10:20"
          value={since}
          error={errors[0]}
          onChange={(event) => setSince(event.currentTarget.value)}
        />
        <TextInput
          size="xs"
          label="Until"
          description="Empty: up to now, and what comes."
          placeholder="2026-05-01 11:00"
          value={until}
          error={errors[1]}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
        <Group gap="xs" justify="flex-end">
          <Button size="xs" variant="default" onClick={() => apply({ since: "", until: "" })}>
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
