import type { EventItem } from "@fairlead/protocol/rest";
import { useCallback, useEffect, useRef, useState } from "react";
import { hub } from "../../hub/client.ts";
import { eventFeed } from "../../hub/event-feed.ts";
import { connection } from "../../hub/live.ts";
import { addEvents, MAX_ROWS } from "./event-list.ts";
import type { EventRow } from "./event-row.ts";
import type { NarrowedQuery } from "./narrowed-query.ts";

/** Of one page of the past. */
const PAGE = 200;
/** Live events within a moment are shown together: a fleet can tell hundreds a second. */
const PUBLISH_MS = 250;

export interface EventsState {
  readonly rows: readonly EventRow[];
  /** The past goes on: id to ask after. Null: its beginning is reached. */
  readonly next: number | null;
  readonly loading: boolean;
  readonly loaded: boolean;
  readonly error: Error | null;
}

const EMPTY: EventsState = { rows: [], next: null, loading: true, loaded: false, error: null };

/** What the hub itself looks for; the rest of the filter is done here. */
export interface EventsWindow {
  readonly narrowed: NarrowedQuery;
  /** ISO 8601; empty: from the beginning, and on and on. */
  readonly since: string;
  readonly until: string;
}

/** Events of all hosts that happened in this time: the newest page, older ones when they are asked for, and live ones. */
export function useEvents({ since, until, narrowed }: EventsWindow): EventsState & { readonly loadOlder: () => void } {
  const [state, setState] = useState(EMPTY);
  const busy = useRef(false);
  const current = useRef(new AbortController());

  const load = useCallback(
    async (after: number | null, signal: AbortSignal): Promise<void> => {
      if (busy.current) return;
      busy.current = true;
      setState((before) => ({ ...before, loading: true, error: null }));
      try {
        const span = { ...(since === "" ? {} : { since }), ...(until === "" ? {} : { until }) };
        const query = {
          ...narrowed,
          order: "desc",
          limit: PAGE,
          ...span,
          ...(after === null ? {} : { after }),
        } as const;
        const { items, next } = await hub.listEvents(query, signal);
        if (signal.aborted) return;
        setState((before) => {
          const isAgain = after === null && before.loaded;
          // The newest page again, after a break: where it meets what is there, the past goes on where it did; else it begins anew.
          const meets = isAgain && items.some(({ id }) => before.rows.some((row) => row.id === id));
          const rows = addEvents(isAgain && !meets ? [] : before.rows, items);
          const done = { loading: false, loaded: true, error: null };
          return { ...bounded({ ...before, rows, next: meets ? before.next : next }), ...done };
        });
      } catch (error) {
        if (signal.aborted) return;
        const failure = error instanceof Error ? error : new Error(String(error));
        setState((before) => ({ ...before, loading: false, error: failure }));
      } finally {
        if (!signal.aborted) busy.current = false;
      }
    },
    [since, until, narrowed],
  );

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    current.current = controller;
    busy.current = false;
    setState(EMPTY);
    void load(null, signal);
    // The stream says itself what was missed while it was away, or resets: then the newest page is read again.
    const stop = connection.subscribe(() => {
      if (connection.value.state === "live") void load(null, signal);
    });
    return () => {
      stop();
      controller.abort();
    };
  }, [load]);

  useLiveItems(
    useCallback(
      (items: readonly EventItem[]) => {
        const from = since === "" ? Number.NEGATIVE_INFINITY : Date.parse(since);
        const to = until === "" ? Number.POSITIVE_INFINITY : Date.parse(until);
        setState((before) => {
          const rows = addEvents(before.rows, items).filter(({ at }) => at >= from && at < to);
          return rows.length === before.rows.length ? before : bounded({ ...before, rows });
        });
      },
      [since, until],
    ),
  );

  const loadOlder = useCallback(() => {
    if (state.next === null && state.error === null) return;
    if (state.rows.length < MAX_ROWS) void load(state.next, current.current.signal);
  }, [load, state.next, state.error, state.rows.length]);
  return { ...state, loadOlder };
}

/** What is beyond the limit can be read again. */
function bounded(state: EventsState): EventsState {
  if (state.rows.length <= MAX_ROWS) return state;
  const rows = state.rows.slice(0, MAX_ROWS);
  return { ...state, rows, next: rows.at(-1)?.id ?? null };
}

/** Live events, a handful at a time. */
function useLiveItems(take: (items: readonly EventItem[]) => void): void {
  useEffect(() => {
    let waiting: EventItem[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = eventFeed.listen((item) => {
      waiting.push(item);
      timer ??= setTimeout(() => {
        timer = undefined;
        take(waiting);
        waiting = [];
      }, PUBLISH_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [take]);
}
