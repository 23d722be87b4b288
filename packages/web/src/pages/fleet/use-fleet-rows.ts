import { useMemo, useState } from "react";
import { useContainers } from "../../hub/containers.ts";
import { useEnvironments } from "../../hub/environments.ts";
import { hostMetrics } from "../../hub/host-metrics.ts";
import { useStore } from "../../hub/store.ts";
import { useNow } from "../../ui/clock.ts";
import { countContainers } from "./container-counts.ts";
import { type FleetRow, FleetRows } from "./fleet-row.ts";

/** Every host with what is known of it; rows stay the same objects while nothing of them changes. */
export function useFleetRows(): readonly FleetRow[] {
  const { list } = useEnvironments();
  const containers = useContainers();
  const metrics = useStore(hostMetrics.store);
  const now = useNow();
  const [made] = useState(() => new FleetRows());
  const counts = useMemo(() => countContainers(containers), [containers]);
  return useMemo(() => made.make({ list, counts, metrics, now }), [made, list, counts, metrics, now]);
}
