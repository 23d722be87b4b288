import type { Environment, Me } from "@fairlead/protocol/rest";
import type { ContainerAction } from "../../docker/container-actions.ts";
import { actionAllowance, type Allowance } from "../../hub/access.ts";
import type { ContainerRow } from "../../hub/containers.ts";

/** What an action would do with some containers. */
export interface BulkPlan {
  readonly action: ContainerAction;
  /** It is done to these. */
  readonly rows: readonly ContainerRow[];
  /** It may not, or cannot, be done to these. */
  readonly forbidden: readonly { readonly row: ContainerRow; readonly reason: string }[];
  /** Whether it can be done at all, and why not. */
  readonly allowance: Allowance;
}

/** @param rows what is ticked; those in whose state the action makes no sense are left out. */
export function planBulk(
  action: ContainerAction,
  rows: readonly ContainerRow[],
  me: Pick<Me, "grants"> | undefined,
  environments: ReadonlyMap<number, Environment>,
): BulkPlan {
  const allowed: ContainerRow[] = [];
  const forbidden: { row: ContainerRow; reason: string }[] = [];
  const byHost = new Map<number, Allowance>();
  for (const row of rows) {
    if (!action.from.includes(row.container.State)) continue;
    const allowance =
      byHost.get(row.environmentId) ?? actionAllowance(me, action.permission, environments.get(row.environmentId));
    byHost.set(row.environmentId, allowance);
    if (allowance.allowed) allowed.push(row);
    else forbidden.push({ row, reason: allowance.reason });
  }
  return { action, rows: allowed, forbidden, allowance: whole(action, rows, allowed, forbidden) };
}

function whole(
  action: ContainerAction,
  rows: readonly ContainerRow[],
  allowed: readonly ContainerRow[],
  forbidden: BulkPlan["forbidden"],
): Allowance {
  if (allowed.length > 0) return { allowed: true };
  const reasons = [...new Set(forbidden.map(({ reason }) => reason))];
  if (reasons.length > 0) return { allowed: false, reason: reasons.slice(0, 3).join(" ") };
  const [only] = rows;
  const states = new Intl.ListFormat("en", { type: "disjunction" }).format(action.from);
  return {
    allowed: false,
    reason:
      rows.length === 1 && only
        ? `${only.name} is ${only.container.State}. ${action.label} is for what is ${states}.`
        : `None of these is ${states}.`,
  };
}
