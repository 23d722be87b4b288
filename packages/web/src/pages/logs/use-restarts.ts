import { useEffect } from "react";
import { containerKey } from "../../hub/containers.ts";
import { environments } from "../../hub/environments.ts";
import { eventFeed } from "../../hub/event-feed.ts";
import type { LogAddress, ToLogWorker } from "./worker/log-messages.ts";

/** Reads a log on when its container starts again, or its host comes back. */
export function useRestarts(addresses: readonly LogAddress[], send: (message: ToLogWorker) => void): void {
  useEffect(() => {
    const keys = new Set(addresses.map(({ key }) => key));
    const stopListening = eventFeed.listen((item) => {
      if (item.kind !== "event" || !/^(start|restart|unpause)$/.test(item.event.action)) return;
      const key = containerKey(item.environmentId, item.event.containerId);
      if (keys.has(key)) send({ type: "retry", key });
    });
    let up = upEnvironments();
    const unsubscribe = environments.store.subscribe(() => {
      const now = upEnvironments();
      for (const { key, environmentId } of addresses)
        if (now.has(environmentId) && !up.has(environmentId)) send({ type: "retry", key });
      up = now;
    });
    return () => {
      stopListening();
      unsubscribe();
    };
  }, [addresses, send]);
}

function upEnvironments(): ReadonlySet<number> {
  return new Set(environments.store.value.list.filter(({ engine }) => engine.state === "up").map(({ id }) => id));
}
