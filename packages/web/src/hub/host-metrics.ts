import type { MetricsPoint } from "@fairlead/protocol/rest";
import { useCallback } from "react";
import { hub } from "./client.ts";
import { Store, useStore } from "./store.ts";

/** Points of the last hour that are kept of each host: one a minute from the hub, then what comes live. */
const MAX_POINTS = 180;
const NONE: readonly MetricsPoint[] = [];

type ByEnvironment = ReadonlyMap<number, readonly MetricsPoint[]>;

/** Figures of hosts over the last hour, oldest first. */
class HostMetricsFeed {
  readonly store = new Store<ByEnvironment>(new Map());

  async load(): Promise<void> {
    try {
      const { items } = await hub.fleetMetrics({ points: 60 });
      this.store.set(new Map(items.map(({ environmentId, points }) => [environmentId, points])));
    } catch {
      // Sparklines fill up with what comes live.
    }
  }

  apply({ environmentId, at, metrics }: MetricsPoint & { readonly environmentId: number }): void {
    const points = this.store.value.get(environmentId) ?? NONE;
    if ((points.at(-1)?.at ?? 0) >= at) return;
    const next = new Map(this.store.value);
    next.set(environmentId, [...points.slice(-MAX_POINTS + 1), { at, metrics }]);
    this.store.set(next);
  }
}

export const hostMetrics = new HostMetricsFeed();

export function useHostMetrics(environmentId: number): readonly MetricsPoint[] {
  return useStore(
    hostMetrics.store,
    useCallback((all: ByEnvironment) => all.get(environmentId) ?? NONE, [environmentId]),
  );
}
