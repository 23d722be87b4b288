import { FairleadError, type Permission } from "@fairlead/protocol";
import type { CreateRole, GrantInput, Role, RoleBinding } from "@fairlead/protocol/rest";
import { BUILT_IN_ROLES } from "./built-in-roles.ts";
import { type Caller, type Grant, type GrantedEnvironment, type GrantScope, may } from "./caller.ts";
import type { AccessStore, BindingOrigin, StoredBinding } from "./store.ts";

/** Roles that people make: a hub with more has another problem. */
const MAX_ROLES = 1_000;

/** Roles, who holds them where, and what that comes to. All of it is kept in memory: a request costs no query. */
export class Access {
  readonly #store: AccessStore;
  readonly #listeners: ((personId: string | undefined) => void)[] = [];
  #roles: ReadonlyMap<string, ReadonlySet<Permission>> = BUILT_IN_ROLES;
  #bindings = new Map<string, StoredBinding[]>();

  constructor(store: AccessStore) {
    this.#store = store;
  }

  /** Before anything else. */
  async start(): Promise<void> {
    await this.#loadRoles();
    await this.#loadBindings();
  }

  /** Told when rights have changed: of one person, or, with undefined, of everybody. */
  onChange(listener: (personId: string | undefined) => void): void {
    this.#listeners.push(listener);
  }

  roles(): Role[] {
    return [...this.#roles].map(([name, permissions]) => ({
      name,
      builtIn: BUILT_IN_ROLES.has(name),
      permissions: [...permissions],
    }));
  }

  /**
   * @param caller who makes it: nobody makes a role with more than their own rights.
   * @throws FairleadError conflict, forbidden.
   */
  async createRole(caller: Caller, { name, permissions }: CreateRole): Promise<Role> {
    if (BUILT_IN_ROLES.has(name)) throw nameTaken(name);
    if (this.#roles.size >= MAX_ROLES + BUILT_IN_ROLES.size) {
      throw new FairleadError("conflict", `There are ${MAX_ROLES} roles already. Remove one that nobody uses.`);
    }
    refuseMore(caller, permissions, { type: "all" });
    await this.#store.insertRole(name, permissions);
    await this.#loadRoles();
    return { name, builtIn: false, permissions: [...permissions] };
  }

  /** Whoever holds the role has the new permissions from now on. @throws FairleadError not_found, forbidden, conflict. */
  async updateRole(caller: Caller, name: string, permissions: readonly Permission[]): Promise<Role> {
    this.#ownRole(name);
    // What others have by it is not taken away by who has it not.
    refuseMore(caller, [...permissions, ...(this.#roles.get(name) ?? [])], { type: "all" });
    await this.#store.updateRole(name, permissions);
    await this.#loadRoles();
    this.#tell(undefined);
    return { name, builtIn: false, permissions: [...permissions] };
  }

  /** @throws FairleadError not_found, conflict when somebody holds it. */
  async removeRole(name: string, isUsedByToken: boolean): Promise<void> {
    this.#ownRole(name);
    const holder = [...this.#bindings.values()].flat().find(({ role }) => role === name);
    if (holder || isUsedByToken) {
      throw new FairleadError(
        "conflict",
        `The role ${name} is held by ${holder ? "a person" : "an API token"}. Take it away first.`,
        { details: { role: name } },
      );
    }
    await this.#store.removeRole(name);
    await this.#loadRoles();
  }

  /** What a person holds; with an origin, only what comes from there. */
  bindingsOf(personId: string, origin?: BindingOrigin): RoleBinding[] {
    const held = this.#bindings.get(personId) ?? [];
    return held
      .filter((binding) => origin === undefined || binding.origin === origin)
      .map(({ role, scope }) => ({ role, scope }));
  }

  /** What a person may do; nothing when nobody gave them a role. */
  grantsOf(personId: string): Grant[] {
    return this.resolve(this.bindingsOf(personId));
  }

  /**
   * Puts these in the place of the roles that the person holds from `origin`.
   *
   * @param caller who gives them: nobody gives more than their own rights. Undefined: the hub itself.
   * @throws FairleadError bad_request naming an unknown role, forbidden.
   */
  async bind(
    caller: Caller | undefined,
    personId: string,
    bindings: readonly RoleBinding[],
    origin: BindingOrigin = "given",
  ): Promise<void> {
    if (caller) this.refuseMoreThan(caller, bindings);
    else this.#refuseUnknown(bindings);
    // A provider says the same at each sign-in: what is open then goes on.
    if (isSame(this.bindingsOf(personId, origin), bindings)) return;
    await this.#store.replaceBindings(personId, origin, bindings);
    await this.#loadBindings();
    this.#tell(personId);
  }

  async removePerson(personId: string): Promise<void> {
    await this.#store.removePerson(personId);
    await this.#loadBindings();
    this.#tell(personId);
  }

  /** Roles as permissions. A role that is gone gives none. */
  resolve(grants: readonly GrantInput[]): Grant[] {
    return grants.map((grant) => ({ permissions: this.#permissionsOf(grant), scope: grant.scope }));
  }

  /** @throws FairleadError bad_request naming an unknown role; forbidden when the caller has not all of it. */
  refuseMoreThan(caller: Caller, grants: readonly GrantInput[]): void {
    this.#refuseUnknown(grants);
    for (const grant of grants) refuseMore(caller, this.#permissionsOf(grant), grant.scope);
  }

  #permissionsOf(grant: GrantInput): ReadonlySet<Permission> {
    if ("permissions" in grant) return new Set(grant.permissions);
    return this.#roles.get(grant.role) ?? new Set();
  }

  #refuseUnknown(grants: readonly GrantInput[]): void {
    for (const grant of grants) {
      if ("permissions" in grant || this.#roles.has(grant.role)) continue;
      throw new FairleadError(
        "bad_request",
        `There is no role ${grant.role}. There are ${[...this.#roles.keys()].join(", ")}.`,
        { details: { field: "role" } },
      );
    }
  }

  #ownRole(name: string): void {
    if (BUILT_IN_ROLES.has(name)) {
      throw new FairleadError("conflict", `The role ${name} is built in. Make another one.`, {
        details: { role: name },
      });
    }
    if (!this.#roles.has(name)) throw new FairleadError("not_found", `There is no role ${name}.`);
  }

  async #loadRoles(): Promise<void> {
    this.#roles = new Map([...BUILT_IN_ROLES, ...(await this.#store.roles())]);
  }

  async #loadBindings(): Promise<void> {
    this.#bindings = Map.groupBy(await this.#store.bindings(), ({ personId }) => personId);
  }

  #tell(personId: string | undefined): void {
    for (const listener of this.#listeners) listener(personId);
  }
}

function isSame(held: readonly RoleBinding[], given: readonly RoleBinding[]): boolean {
  const texts = (list: readonly RoleBinding[]): string =>
    JSON.stringify([...new Set(list.map(({ role, scope }) => JSON.stringify([role, scope])))].toSorted());
  return texts(held) === texts(given);
}

/** Nobody gives what they have not: not by a role, not by a token. */
function refuseMore(caller: Caller, permissions: Iterable<Permission>, scope: GrantScope): void {
  for (const permission of permissions) {
    if (mayOnAll(caller, permission, scope)) continue;
    throw new FairleadError(
      "forbidden",
      `${callerText(caller)} may not give ${permission} ${scopeText(scope)} to others without having it.`,
      { details: { permission } },
    );
  }
}

/** True when the caller has the permission wherever the scope reaches. */
function mayOnAll(caller: Caller, permission: Permission, scope: GrantScope): boolean {
  const reaches = (grants: readonly Grant[]): boolean =>
    grants.some((grant) => grant.permissions.has(permission) && includes(grant.scope, scope));
  return reaches(caller.grants) && (caller.limits === undefined || reaches(caller.limits));
}

function includes(outer: GrantScope, inner: GrantScope): boolean {
  if (outer.type === "all") return true;
  if (outer.type === "label") {
    return inner.type === "label" && inner.name === outer.name && inner.value === outer.value;
  }
  return inner.type === "environment" && inner.environmentId === outer.environmentId;
}

function scopeText(scope: GrantScope): string {
  if (scope.type === "all") return "everywhere";
  if (scope.type === "label") return `on environments labelled ${scope.name}=${scope.value}`;
  return `on environment ${scope.environmentId}`;
}

function nameTaken(name: string): FairleadError {
  return new FairleadError("conflict", `A role named ${name} exists already. Choose another name.`, {
    details: { field: "name" },
  });
}

/** Lets a call through that the caller may make. @throws FairleadError forbidden, naming the permission. */
export function demand(
  caller: Caller,
  permission: Permission,
  environment?: GrantedEnvironment & { readonly name: string },
): void {
  if (may(caller, permission, environment)) return;
  const where = environment ? ` on the environment ${environment.name}` : "";
  throw new FairleadError("forbidden", `${callerText(caller)} may not do this${where}: it needs ${permission}.`, {
    details: { permission, ...(environment ? { environment: environment.name } : {}) },
  });
}

/** The caller, for messages. */
export function callerText({ kind, name }: Caller): string {
  return kind === "token" ? `The API token ${name}` : name;
}
