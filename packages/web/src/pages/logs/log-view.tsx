import type { ReactNode } from "react";

/** A container whose log is shown. */
export interface LogSource {
  readonly environmentId: number;
  readonly environmentName: string;
  readonly containerId: string;
  readonly name: string;
}

export interface LogViewProps {
  readonly sources: readonly LogSource[];
}

/** Logs of one container, or of many merged by time. Fills the height that it is given. */
export function LogView({ sources }: LogViewProps): ReactNode {
  return <div>{sources.length}</div>;
}
