import { HUB_PERMISSIONS, type Permission } from "@fairlead/protocol";
import type { EffectiveGrant } from "@fairlead/protocol/rest";
import { ALL_PERMISSIONS } from "./built-in-roles.ts";
import { type Caller, covers, type Grant, type GrantedEnvironment, type GrantScope, mayEverything } from "./caller.ts";

/**
 * What a caller may do, for programs that show only that: permissions by where they hold, each place once. What a token has by a
 * label and its owner by another, or on one environment, is told for the environments that both are true of.
 *
 * @param environments those that there are; looked at only for a caller with limits.
 */
export function effectiveGrants(caller: Caller, environments: readonly GrantedEnvironment[]): EffectiveGrant[] {
  if (mayEverything(caller)) return [{ permissions: [...ALL_PERMISSIONS], scope: { type: "all" } }];
  const own = byScope(caller.grants);
  const limits = caller.limits && byScope(caller.limits);
  const effective = limits ? [...sharedScopes(own, limits), ...crossedScopes(own, limits, environments)] : own;
  return [...byScope(effective)].map(({ permissions, scope }) => ({ permissions: [...permissions], scope }));
}

/** Grants of each scope in one, without what they do not give there, and without those that give nothing. */
function byScope(grants: readonly Grant[]): Grant[] {
  const merged = new Map<string, { permissions: Set<Permission>; scope: GrantScope }>();
  for (const { permissions, scope } of grants) {
    const entry = merged.get(keyOf(scope)) ?? { permissions: new Set<Permission>(), scope };
    for (const permission of permissions) {
      // What is about the hub itself holds everywhere or not at all.
      if (scope.type === "all" || !Object.hasOwn(HUB_PERMISSIONS, permission)) entry.permissions.add(permission);
    }
    if (entry.permissions.size > 0) merged.set(keyOf(scope), entry);
  }
  return [...merged.values()];
}

/** Where one scope lies in the other, what both give. */
function sharedScopes(own: readonly Grant[], limits: readonly Grant[]): Grant[] {
  const shared: Grant[] = [];
  for (const grant of own) {
    for (const limit of limits) {
      const permissions = both(grant.permissions, limit.permissions);
      if (limit.scope.type === "all" || keyOf(limit.scope) === keyOf(grant.scope)) {
        shared.push({ permissions, scope: grant.scope });
      } else if (grant.scope.type === "all") shared.push({ permissions, scope: limit.scope });
    }
  }
  return shared;
}

/** Where scopes of different kinds meet: no scope says that, the environments do. */
function crossedScopes(
  own: readonly Grant[],
  limits: readonly Grant[],
  environments: readonly GrantedEnvironment[],
): Grant[] {
  const narrow = (grants: readonly Grant[]): Grant[] => grants.filter(({ scope }) => scope.type !== "all");
  const [narrowOwn, narrowLimits] = [narrow(own), narrow(limits)];
  if (narrowOwn.length === 0 || narrowLimits.length === 0) return [];
  const crossed: Grant[] = [];
  for (const environment of environments) {
    const here = narrowOwn.filter(({ scope }) => covers(scope, environment));
    const there = narrowLimits.filter(({ scope }) => covers(scope, environment));
    const isOneScope = new Set([...here, ...there].map(({ scope }) => keyOf(scope))).size <= 1;
    if (here.length === 0 || there.length === 0 || isOneScope) continue;
    const permissions = both(permissionsOf(here), permissionsOf(there));
    crossed.push({ permissions, scope: { type: "environment", environmentId: environment.id } });
  }
  return crossed;
}

function both(some: ReadonlySet<Permission>, others: ReadonlySet<Permission>): Set<Permission> {
  return new Set([...some].filter((permission) => others.has(permission)));
}

function permissionsOf(grants: readonly Grant[]): Set<Permission> {
  return new Set(grants.flatMap(({ permissions }) => [...permissions]));
}

function keyOf(scope: GrantScope): string {
  switch (scope.type) {
    case "all":
      return "all";
    case "label":
      return JSON.stringify([scope.name, scope.value]);
    case "environment":
      return String(scope.environmentId);
  }
}
