import { FairleadError } from "@fairlead/protocol";
import { useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { actionAllowance } from "../../hub/access.ts";
import { useContainers } from "../../hub/containers.ts";
import { useEnvironments } from "../../hub/environments.ts";
import { useMe } from "../../hub/session.ts";
import { execAllowance } from "./exec-allowance.ts";
import { programOf } from "./shell-choice.ts";
import { findTarget, targetOf } from "./terminal-target.ts";
import { terminals } from "./terminals.ts";

/**
 * Opens the terminal that the address asks for (`?env=…&container=…`) once what is there is known, or looks at the one that is open in
 * that container already.
 */
export function useLinkedTerminal(): { readonly pending: boolean; readonly error: Error | null } {
  const { env, container } = useSearch({ strict: false }) as { env?: string; container?: string };
  // The address that the page was opened with: later ones are made by it.
  const asked = useRef(env !== undefined && container !== undefined ? { env, container } : undefined);
  const [pending, setPending] = useState(asked.current !== undefined);
  const [error, setError] = useState<Error | null>(null);
  const containers = useContainers();
  const environments = useEnvironments();
  const me = useMe();
  useEffect(() => {
    const wanted = asked.current;
    if (!wanted) return;
    const failure = containers.error ?? environments.error;
    const known = containers.loaded && environments.loaded && me !== undefined;
    if (!failure && !known) return;
    asked.current = undefined;
    setPending(false);
    if (failure) setError(failure);
    else setError(openLinked(wanted, containers.rows, environments.byId, me));
  }, [containers, environments, me]);
  return { pending, error };
}

function openLinked(
  { env, container }: { readonly env: string; readonly container: string },
  rows: ReturnType<typeof useContainers>["rows"],
  byId: ReturnType<typeof useEnvironments>["byId"],
  me: ReturnType<typeof useMe>,
): Error | null {
  const row = findTarget(rows, env, container);
  if (!row) return new FairleadError("not_found", `There is no container ${container} on ${env}. It may be removed.`);
  const open = terminals.in(row.environmentId, row.container.Id);
  if (open) {
    terminals.selected.set(open.id);
    return null;
  }
  const allowed = execAllowance(
    actionAllowance(me, "container.exec", byId.get(row.environmentId)),
    row.container.State,
  );
  if (!allowed.allowed) return new Error(`No terminal in ${row.name} on ${row.environmentName}: ${allowed.reason}`);
  const program = programOf("auto", "", "");
  if ("error" in program) return new Error(program.error);
  try {
    terminals.open(targetOf(row), program);
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
