import { Button, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { Age } from "../../ui/age.tsx";
import { describeError } from "../../ui/error-note.tsx";
import { count } from "../../ui/format.ts";
import type { HostList } from "./host-lists.ts";

/** More reasons than this are folded away: they must not push the list out of sight. */
const MAX_SHOWN = 2;

/** How old what is shown is: the oldest of the lists. */
export function ReadAge({ hosts }: { readonly hosts: readonly HostList<unknown>[] }): ReactNode {
  const reading = hosts.filter((host) => host.reading).length;
  const ages = hosts.flatMap(({ at }) => (at === undefined ? [] : [at]));
  return (
    <Text span fz="xs" c="dimmed" className="tabular">
      {reading > 0 ? (
        <>Reading {count(reading, "host")}…</>
      ) : ages.length === 0 ? (
        "Nothing read yet"
      ) : (
        <>
          {ages.length > 1 ? "Oldest list read" : "Read"} <Age at={Math.min(...ages)} />
        </>
      )}
    </Text>
  );
}

/** The hosts that are missing from the list, or old in it, with the reason of each. */
export function HostNotes({ hosts, what }: { readonly hosts: readonly HostList<unknown>[]; what: string }): ReactNode {
  const [open, setOpen] = useState(false);
  const troubled = hosts.filter(({ problem }) => problem !== undefined);
  if (troubled.length === 0) return null;
  const shown = open ? troubled : troubled.slice(0, MAX_SHOWN);
  return (
    <Group
      className="fl-card"
      role="status"
      gap="sm"
      px="sm"
      py="xs"
      wrap="nowrap"
      align="flex-start"
      style={{ maxHeight: "30vh", overflow: "auto", flex: "none" }}
      tabIndex={open ? 0 : undefined}
      aria-label={open ? `Hosts whose ${what} are missing or old` : undefined}
    >
      <IconAlertTriangle size={16} aria-hidden className="fl-text-warn" style={{ flex: "none", marginTop: 2 }} />
      <Stack gap={2} miw={0}>
        {shown.map(({ environment, problem, at }) => (
          <Text key={environment.id} fz="xs" style={{ overflowWrap: "anywhere" }}>
            <b>{environment.name}</b>:{" "}
            {at === undefined ? (
              `its ${what} are not shown.`
            ) : (
              <>
                its {what} are as of <Age at={at} />.
              </>
            )}{" "}
            {typeof problem === "string" ? problem : describeError(problem).message}
          </Text>
        ))}
        {troubled.length > MAX_SHOWN && (
          <Group>
            <Button size="compact-xs" variant="subtle" onClick={() => setOpen(!open)} aria-expanded={open}>
              {open ? "Show fewer" : `And ${count(troubled.length - MAX_SHOWN, "more host")}`}
            </Button>
          </Group>
        )}
      </Stack>
    </Group>
  );
}
