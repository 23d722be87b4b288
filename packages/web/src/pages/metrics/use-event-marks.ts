import type { EventItem } from "@fairlead/protocol/rest";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { hub } from "../../hub/client.ts";
import { environments } from "../../hub/environments.ts";
import { eventFeed } from "../../hub/event-feed.ts";
import type { ChartMark } from "../../ui/chart.tsx";
import { CONTAINER_ACTIONS_MARKED, eventMarks, HOST_ACTIONS, MAX_MARKS } from "./event-marks.ts";
import { isoTime, rangeKey, spanOf, type TimeRange } from "./time-range.ts";

const NONE: readonly EventItem[] = [];

/** Events of hosts, or of one container, within the time that is looked at, as marks; those that come now as well. */
export function useEventMarks(
  environmentIds: readonly number[],
  containerId: string | undefined,
  range: TimeRange,
  enabled: boolean,
): readonly ChartMark[] {
  const action = containerId === undefined ? HOST_ACTIONS : CONTAINER_ACTIONS_MARKED;
  const ids = environmentIds.join(",");
  const { data } = useQuery({
    queryKey: ["event-marks", ids, containerId, rangeKey(range)],
    enabled: enabled && ids !== "",
    queryFn: ({ signal }) => {
      const { from, to } = spanOf(range, Date.now());
      const container = containerId === undefined ? {} : { container: containerId };
      const until = range.kind === "fixed" ? { until: isoTime(to) } : {};
      const query = { environments: ids.split(","), action, order: "desc", limit: MAX_MARKS } as const;
      return hub.listEvents({ ...query, ...container, since: isoTime(from), ...until }, signal);
    },
  });
  const live = useLiveEvents(ids, containerId, action, enabled && range.kind === "last");
  return useMemo(() => {
    if (!enabled) return [];
    const past = data?.items ?? NONE;
    const known = new Set(past.map(({ id }) => id));
    const items = [...live.filter(({ id }) => !known.has(id)), ...past];
    const several = ids.includes(",");
    return eventMarks(items, several ? (id) => environments.store.value.byId.get(id)?.name ?? String(id) : undefined);
  }, [enabled, data, live, ids]);
}

/** Newest first. */
function useLiveEvents(
  ids: string,
  containerId: string | undefined,
  action: string,
  enabled: boolean,
): readonly EventItem[] {
  const [items, setItems] = useState(NONE);
  useEffect(() => {
    setItems(NONE);
    if (!enabled) return;
    const wanted = new Set(ids.split(",").map(Number));
    const actions = new Set(action.split(","));
    return eventFeed.listen((item) => {
      if (!wanted.has(item.environmentId)) return;
      if (item.kind === "event") {
        if (containerId !== undefined && item.event.containerId !== containerId) return;
        if (!actions.has(item.event.action.split(":")[0] ?? "")) return;
      }
      setItems((before) => [item, ...before].slice(0, MAX_MARKS));
    });
  }, [ids, containerId, action, enabled]);
  return items;
}
