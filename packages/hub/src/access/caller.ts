import type { Permission } from "@fairlead/protocol";
import { ALL_PERMISSIONS } from "./built-in-roles.ts";

/** Which environments a grant is for. Permissions on the hub itself come with `all` only. */
export type GrantScope =
  | { readonly type: "all" }
  /** Environments that have this label with this value. */
  | { readonly type: "label"; readonly name: string; readonly value: string }
  | { readonly type: "environment"; readonly environmentId: number };

/** Permissions, and where they hold. */
export interface Grant {
  readonly permissions: ReadonlySet<Permission>;
  readonly scope: GrantScope;
}

/** Who makes a request: what everything that asks "may this one?" and "who did this?" is given. */
export interface Caller {
  readonly kind: "token" | "person";
  /** Of an API token its number, of a person the user's id; unique within its kind. */
  readonly id: string;
  /** What audit and messages call it: the token's name, or the person's e-mail address. */
  readonly name: string;
  /** The person behind a token or session; null for tokens of the hub's own. */
  readonly personId: string | null;
  /** The session that a person uses. */
  readonly sessionId?: string;
  readonly grants: readonly Grant[];
  /** What a token's owner may do: a token never does more. Absent: the grants alone count. */
  readonly limits?: readonly Grant[];
  /** Unix milliseconds. Null: without end. */
  readonly expiresAt: number | null;
}

/** The parts of an environment that grants look at. */
export interface GrantedEnvironment {
  readonly id: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** True when the caller has the permission: on this environment, or, without one, on the hub itself. */
export function may(caller: Caller, permission: Permission, environment?: GrantedEnvironment): boolean {
  return (
    holds(caller.grants, permission, environment) &&
    (caller.limits === undefined || holds(caller.limits, permission, environment))
  );
}

/** True when the caller may anything at all on the environment: to others it is not there. */
export function reaches(caller: Caller, environment: GrantedEnvironment): boolean {
  const some = (grants: readonly Grant[]): boolean =>
    grants.some(({ permissions, scope }) => permissions.size > 0 && covers(scope, environment));
  return some(caller.grants) && (caller.limits === undefined || some(caller.limits));
}

/** True when the caller has the permission on every environment, those to come included. */
export function mayEverywhere(caller: Caller, permission: Permission): boolean {
  const everywhere = (grants: readonly Grant[]): boolean =>
    grants.some(({ permissions, scope }) => scope.type === "all" && permissions.has(permission));
  return everywhere(caller.grants) && (caller.limits === undefined || everywhere(caller.limits));
}

/** True for admins everywhere: nothing has to be looked up for them, and no role that people make changes what they may. */
export function mayEverything({ grants, limits }: Caller): boolean {
  const all = (list: readonly Grant[]): boolean =>
    list.some(({ permissions, scope }) => scope.type === "all" && permissions === ALL_PERMISSIONS);
  return all(grants) && (limits === undefined || all(limits));
}

function holds(grants: readonly Grant[], permission: Permission, environment: GrantedEnvironment | undefined): boolean {
  return grants.some(({ permissions, scope }) => permissions.has(permission) && covers(scope, environment));
}

/** True when a grant with this scope holds on the environment, or, without one, on the hub itself. */
export function covers(scope: GrantScope, environment: GrantedEnvironment | undefined): boolean {
  switch (scope.type) {
    case "all":
      return true;
    case "label":
      return (
        environment !== undefined &&
        Object.hasOwn(environment.labels, scope.name) &&
        environment.labels[scope.name] === scope.value
      );
    case "environment":
      return environment?.id === scope.environmentId;
  }
}
