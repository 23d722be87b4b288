import type { Allowance } from "../../hub/access.ts";

/** @param state The container's state; "gone" when the list does not hold it, undefined when it is not known. */
export function execAllowance(allowed: Allowance, state: string | undefined): Allowance {
  if (!allowed.allowed || state === undefined || state === "running") return allowed;
  if (state === "gone") return { allowed: false, reason: "The container is not there any more." };
  if (state === "paused") return { allowed: false, reason: "The container is paused: unpause it first." };
  return { allowed: false, reason: `The container does not run (${state}): start it first.` };
}
