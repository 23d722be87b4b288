import type { EnvironmentPermission, HubPermission, Permission } from "@fairlead/protocol";
import type { Environment, Me } from "@fairlead/protocol/rest";
import { useMe } from "./session.ts";

/** Whether something may be done, and if not, why: said to the person beside the button that is off. */
export type Allowance = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

const ALLOWED: Allowance = { allowed: true };
const refused = (reason: string): Allowance => ({ allowed: false, reason });

type Placed = Pick<Environment, "id" | "name" | "labels">;

/** True when the grants hold the permission: on this environment, or, without one, on the hub itself. The hub decides by the same rule. */
export function holds(
  grants: Me["grants"],
  permission: Permission,
  environment?: Pick<Placed, "id" | "labels">,
): boolean {
  return grants.some(({ permissions, scope }) => {
    if (!permissions.includes(permission)) return false;
    if (scope.type === "all") return true;
    if (environment === undefined) return false;
    if (scope.type === "environment") return scope.environmentId === environment.id;
    return Object.hasOwn(environment.labels, scope.name) && environment.labels[scope.name] === scope.value;
  });
}

/** What only reads, of the permissions on an environment: a host's read-only policy lets it through. */
const READING = /^(environment\.|container\.(view|logs|read-files)$|.+\.view$|image\.save$)/;
const EXEC = /^container\.(exec|attach)$/;

/** What the policy of the host's agent says of it, as far as its name tells. A policy of the host's own file is asked when it comes to it. */
export function policyAllows(policy: string | null | undefined, permission: Permission): Allowance {
  if (policy === "read-only" && !READING.test(permission)) return refused("The host's policy is read-only.");
  if (policy === "no-exec" && EXEC.test(permission))
    return refused("The host's policy is no-exec: nobody gets into a container.");
  return ALLOWED;
}

/** May `me` do it there? */
export function allowance(
  me: Pick<Me, "grants"> | undefined,
  permission: Permission,
  environment?: Placed & { readonly agent?: Pick<NonNullable<Environment["agent"]>, "policy"> | null },
): Allowance {
  if (me === undefined) return refused("Not known yet whether you may.");
  if (!holds(me.grants, permission, environment)) {
    return refused(
      `You may not: it needs ${permission}${environment ? ` on ${environment.name}` : ""}. An admin can give it to you.`,
    );
  }
  return policyAllows(environment?.agent?.policy, permission);
}

/** Whether something can be done on a host now: allowed, and the host there to do it. */
export function actionAllowance(
  me: Pick<Me, "grants"> | undefined,
  permission: EnvironmentPermission,
  environment: Environment | undefined,
): Allowance {
  if (environment === undefined) return refused("The environment is not there any more.");
  const allowed = allowance(me, permission, environment);
  if (!allowed.allowed) return allowed;
  const { link, engine, name } = environment;
  if (link.state === "down")
    return refused(link.error === null ? `${name} is not connected.` : `${name} is not connected: ${link.error}.`);
  if (engine.state === "down")
    return refused(`The engine of ${name} does not answer.${engine.error === null ? "" : ` ${engine.error}`}`);
  return ALLOWED;
}

/** As {@link allowance} for who is signed in, on the hub itself. */
export function useAllowed(permission: HubPermission): Allowance {
  return allowance(useMe(), permission);
}

/** As {@link actionAllowance} for who is signed in. */
export function useActionAllowed(permission: EnvironmentPermission, environment: Environment | undefined): Allowance {
  return actionAllowance(useMe(), permission, environment);
}
