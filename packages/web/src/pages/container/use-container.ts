import type { Environment } from "@fairlead/protocol/rest";
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useEffect } from "react";
import { inspectContainer } from "../../docker/container-calls.ts";
import type { ContainerInspect } from "../../docker/container-inspect.ts";
import { queryClient } from "../../hub/client.ts";
import { eventFeed } from "../../hub/event-feed.ts";

/** A start or a stop tells of itself in several events at once; one look after them is enough. */
const SETTLE_MS = 300;

export function containerKeyOf(environmentId: number, containerId: string): readonly unknown[] {
  return ["container", environmentId, containerId];
}

/** Everything of a container, read again after each of its events. */
export function useContainer(environment: Environment, containerId: string): UseQueryResult<ContainerInspect> {
  useAfterEvents(environment.id, containerId, () => {
    // Not its files and changes: those cost the host too much to be read after every event.
    for (const what of ["inspect", "top"])
      void queryClient.invalidateQueries({ queryKey: [...containerKeyOf(environment.id, containerId), what] });
  });
  return useQuery({
    queryKey: [...containerKeyOf(environment.id, containerId), "inspect"],
    queryFn: ({ signal }) => inspectContainer(environment.id, containerId, signal),
    enabled: environment.engine.state !== "down" && environment.link.state !== "down",
  });
}

function useAfterEvents(environmentId: number, containerId: string, run: () => void): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = eventFeed.listen((item) => {
      if (item.environmentId !== environmentId) return;
      // Of a gap nobody knows what happened in it.
      if (item.kind === "event" && item.event.containerId !== containerId) return;
      clearTimeout(timer);
      timer = setTimeout(run, SETTLE_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
    // Without `run`, which does the same every time.
  }, [environmentId, containerId]);
}
