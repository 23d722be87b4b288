import type { Environment } from "@fairlead/protocol/rest";
import type { ReactNode } from "react";

export interface ContainerTerminalProps {
  readonly environment: Environment;
  readonly containerId: string;
  readonly name: string;
  readonly running: boolean;
}

/** Terminals in one container. Fills the height that it is given. */
export function ContainerTerminal({ name }: ContainerTerminalProps): ReactNode {
  return <div>{name}</div>;
}
