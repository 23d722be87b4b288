import { hub } from "../../hub/client.ts";
import type { ContainerFigures } from "./container-figures.ts";
import type { ReadSeries } from "./history.ts";

interface ContainerHistoryClient {
  containerMetrics(
    environment: number,
    container: string,
    query: { readonly since: string; readonly until: string },
    signal: AbortSignal,
  ): Promise<ReadSeries<ContainerFigures>>;
}

/** What the hub keeps of a container's figures. */
export function containerHistory(
  ...args: Parameters<ContainerHistoryClient["containerMetrics"]>
): Promise<ReadSeries<ContainerFigures>> {
  return (hub as unknown as ContainerHistoryClient).containerMetrics(...args);
}
