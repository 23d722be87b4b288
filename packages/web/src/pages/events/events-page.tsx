import { Button, CloseButton, Group, Loader, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { IconBroadcast, IconDownload, IconFilter } from "@tabler/icons-react";
import { type ReactNode, useCallback, useDeferredValue, useMemo } from "react";
import { useSearchText } from "../../app/search-text.ts";
import { matchesFilter, parseFilter, withTerm } from "../../filter/filter.ts";
import { useEnvironments } from "../../hub/environments.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorNote } from "../../ui/error-note.tsx";
import { count, formatNumber, formatTime } from "../../ui/format.ts";
import { Page } from "../../ui/page.tsx";
import { EventCounts } from "./event-counts.tsx";
import { MAX_ROWS } from "./event-list.ts";
import { EventListView } from "./event-list-view.tsx";
import { EVENT_FIELDS, eventSubject } from "./event-row.ts";
import { exportEvents } from "./export-events.ts";
import { narrowedQuery } from "./narrowed-query.ts";
import { TimeWindow } from "./time-window.tsx";
import { useEvents } from "./use-events.ts";
import { useLookBack } from "./use-look-back.ts";

const TYPING_MS = 400;

/** What happened to containers on all hosts: live, and as far back as the hub keeps it. */
export function EventsPage(): ReactNode {
  const [text, setText] = useSearchText("q");
  const [sinceText] = useSearchText("since");
  const [untilText] = useSearchText("until");
  const [since, until] = [validTime(sinceText), validTime(untilText)];
  const asked = useDeferredValue(text);
  const filter = useMemo(() => parseFilter(asked, EVENT_FIELDS), [asked]);
  const { byId, list } = useEnvironments();
  const names = list.map(({ name }) => name).join("\n");
  const narrowedText = useMemo(
    () => JSON.stringify(narrowedQuery(filter, new Set(names.split("\n")))),
    [filter, names],
  );
  // Another object only where it says something else, and typing has ended: each is another list.
  const [settled] = useDebouncedValue(narrowedText, TYPING_MS);
  const narrowed = useMemo(() => JSON.parse(settled) as ReturnType<typeof narrowedQuery>, [settled]);
  const events = useEvents({ since, until, narrowed });
  const hostOf = useCallback((id: number) => byId.get(id)?.name ?? `environment ${id}`, [byId]);
  const shown = useMemo(
    () =>
      events.rows.filter((row) => {
        const host = hostOf(row.environmentId);
        const subject = eventSubject(row, host);
        if (subject) return matchesFilter(filter, subject);
        // Of a gap the host alone is known: what is missing may be what is looked for.
        const hostTerms = filter.filter(({ field }) => field === "host");
        return matchesFilter(hostTerms, { text: host, field: () => host });
      }),
    [events.rows, filter, hostOf],
  );
  const lookBack = useLookBack(events, shown.length, `${asked} ${since} ${until}`);
  const setWindow = useSetWindow();
  const oldest = events.rows.at(-1);
  const footer = footerOf(events, oldest?.at, lookBack);
  return (
    <Page
      fill
      title="Events"
      description={describeShown(events, shown.length)}
      actions={
        <ActionButton
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          allowance={shown.length > 0 ? { allowed: true } : { allowed: false, reason: "No event is shown." }}
          onAct={() => exportEvents(shown)}
        >
          Export
        </ActionButton>
      }
    >
      <Group gap="sm" align="flex-start">
        <TextInput
          flex={1}
          miw={220}
          leftSection={<IconFilter size={16} aria-hidden />}
          rightSection={text !== "" && <CloseButton size="sm" aria-label="No filter" onClick={() => setText("")} />}
          placeholder="Filter: action:die,oom host:attic container:web* stack:shop label:tier=front"
          aria-label="Filter events"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <TimeWindow since={since} until={until} onChange={setWindow} />
      </Group>
      <EventCounts
        rows={shown}
        filter={filter}
        onToggle={(action, on) => setText(withTerm(text, EVENT_FIELDS, "action", on ? action : null))}
      />
      {events.error && <ErrorNote error={events.error} onRetry={events.loadOlder} />}
      <EventListView
        rows={shown}
        hostOf={hostOf}
        onEnd={lookBack.onEnd}
        footer={footer}
        empty={
          !events.loading &&
          events.next === null && (
            <EmptyState icon={IconBroadcast} title={events.rows.length === 0 ? "No events" : "No event matches"}>
              {events.rows.length === 0
                ? "What happens to containers (start, die, oom and so on) appears here as soon as it happens on a host that is connected."
                : `None of ${count(events.rows.length, "event")} matches the filter. Take a part of it away, or choose another time.`}
            </EmptyState>
          )
        }
      />
    </Page>
  );
}

function describeShown({ loaded, rows }: ReturnType<typeof useEvents>, shown: number): string {
  if (!loaded || rows.length === 0) return "What happens to containers, on all hosts";
  if (shown === rows.length) return `${count(shown, "event")} read, newest first`;
  return `${formatNumber(shown)} of ${count(rows.length, "event")} read match the filter`;
}

function footerOf(
  events: ReturnType<typeof useEvents>,
  oldest: number | undefined,
  lookBack: ReturnType<typeof useLookBack>,
): ReactNode {
  if (events.loading) return <Loader size="xs" aria-label="Older events are read" />;
  if (events.rows.length >= MAX_ROWS)
    return `${count(MAX_ROWS, "event")} are read, which is the most. Choose another time to see older ones.`;
  if (events.next === null) return events.rows.length > 0 ? "The hub keeps no older events of this time." : "";
  return (
    <>
      {lookBack.paused && oldest !== undefined && `Looked back to ${formatTime(oldest)}. `}
      <Button variant="subtle" size="xs" onClick={lookBack.goOn}>
        Look further back
      </Button>
    </>
  );
}

function useSetWindow(): (window: { readonly since: string; readonly until: string }) => void {
  const navigate = useNavigate();
  return useCallback(
    ({ since, until }) => {
      const search = (before: Record<string, string | undefined>) => ({
        ...before,
        since: since === "" ? undefined : since,
        until: until === "" ? undefined : until,
      });
      void navigate({ to: ".", search, replace: true } as never);
    },
    [navigate],
  );
}

/** What is no time is left out: the hub would refuse it. */
function validTime(text: string): string {
  return Number.isNaN(Date.parse(text)) ? "" : text;
}
