import type { HostMetrics } from "@fairlead/protocol";
import type { Environment } from "@fairlead/protocol/rest";
import { useQueries } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { hub } from "../../hub/client.ts";
import { hostMetrics } from "../../hub/host-metrics.ts";
import { useStore } from "../../hub/store.ts";
import { addLive, joinCourse, type Reading } from "./history.ts";
import type { HostCourse } from "./host-figures.ts";
import { isoTime, rangeKey, spanOf } from "./time-range.ts";
import type { ShownTime } from "./use-time-range.ts";

/** What was read is not read again by itself: what is newer comes live. */
const FRESH_MS = 60_000;

type Live = ReadonlyMap<number, readonly Reading<HostMetrics>[]>;

export interface HostCourses {
  readonly hosts: readonly HostCourse[];
  readonly loading: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
}

/** Figures of hosts in the time that is looked at, going on while that ends now. */
export function useHostCourses(chosen: readonly Environment[], { range, span }: ShownTime): HostCourses {
  const queries = useQueries({
    queries: chosen.map(({ id }) => ({
      queryKey: ["host-course", id, rangeKey(range)],
      staleTime: FRESH_MS,
      queryFn: ({ signal }: { signal: AbortSignal }) => {
        const { from, to } = spanOf(range, Date.now());
        return hub.metrics(id, { since: isoTime(from), until: isoTime(to) }, signal);
      },
    })),
  });
  const goesOn = range.kind === "last";
  const live = useLive(goesOn);
  const read = queries.map(({ data }) => data);
  const hosts = useMemo(
    () =>
      chosen.map(({ id, name }, index) => ({
        name,
        course: joinCourse(read[index], live.get(id) ?? [], span, goesOn),
      })),
    // What was read is the same objects as long as nothing of it changed.
    [chosen, live, span, goesOn, ...read],
  );
  return {
    hosts,
    loading: queries.some(({ isPending }) => isPending),
    error: queries.find(({ error }) => error !== null)?.error ?? null,
    retry: () => {
      for (const { error, refetch } of queries) if (error) void refetch();
    },
  };
}

/** All that came since the component is there: the feed itself keeps less. */
function useLive(goesOn: boolean): Live {
  const feed = useStore(hostMetrics.store);
  const [live, setLive] = useState<Live>(new Map());
  useEffect(() => {
    if (!goesOn) return;
    setLive((before) => {
      const next = new Map(before);
      for (const [id, points] of feed) next.set(id, addLive(before.get(id) ?? [], points));
      return next;
    });
  }, [feed, goesOn]);
  return live;
}
