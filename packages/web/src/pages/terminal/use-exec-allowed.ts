import type { Environment } from "@fairlead/protocol/rest";
import { useCallback } from "react";
import { type Allowance, useActionAllowed } from "../../hub/access.ts";
import { containerKey, containers, type ContainersState } from "../../hub/containers.ts";
import { useEnvironment } from "../../hub/environments.ts";
import { useStore } from "../../hub/store.ts";
import { execAllowance } from "./exec-allowance.ts";

/** Whether a program can be started in the container now. */
export function useExecAllowed(environmentId: number, containerId: string): Allowance {
  const environment: Environment | undefined = useEnvironment(environmentId);
  const allowed = useActionAllowed("container.exec", environment);
  const key = containerKey(environmentId, containerId);
  const state = useStore(
    containers.store,
    useCallback(
      ({ loaded, rows }: ContainersState) =>
        loaded ? (rows.find((row) => row.key === key)?.container.State ?? "gone") : undefined,
      [key],
    ),
  );
  return execAllowance(allowed, state);
}
