import { FairleadError, type Permission, PERMISSIONS } from "@fairlead/protocol";
import type { Caller, Grant } from "../../access/caller.ts";
import type { HeldRole, PersonRoles } from "./person-roles.ts";

const ROLES: Readonly<Record<string, ReadonlySet<Permission>>> = {
  viewer: new Set(["environment.view", "container.view"]),
  operator: new Set(["environment.view", "container.view", "container.start", "container.stop"]),
  admin: new Set(Object.keys(PERMISSIONS) as Permission[]),
};

/** Roles in memory, until those of `access/` take their place. */
export class InterimRoles implements PersonRoles {
  readonly #bindings = new Map<string, Map<string, HeldRole[]>>();

  roles(): { name: string }[] {
    return Object.keys(ROLES).map((name) => ({ name }));
  }

  bindingsOf(personId: string): HeldRole[] {
    return [...(this.#bindings.get(personId)?.values() ?? [])].flat();
  }

  grantsOf(personId: string): Grant[] {
    return this.bindingsOf(personId).map(({ role, scope }) => ({ permissions: ROLES[role] ?? new Set(), scope }));
  }

  async bind(_caller: Caller | undefined, personId: string, bindings: HeldRole[], origin = "given"): Promise<void> {
    this.#refuseUnknown(bindings);
    const held = this.#bindings.get(personId) ?? new Map<string, HeldRole[]>();
    this.#bindings.set(personId, held.set(origin, bindings));
    await Promise.resolve();
  }

  refuseMoreThan(_caller: Caller, bindings: HeldRole[]): void {
    this.#refuseUnknown(bindings);
  }

  async removePerson(personId: string): Promise<void> {
    this.#bindings.delete(personId);
    await Promise.resolve();
  }

  #refuseUnknown(bindings: HeldRole[]): void {
    const unknown = bindings.find(({ role }) => !(role in ROLES));
    if (unknown)
      throw new FairleadError("bad_request", `There is no role ${unknown.role}.`, { details: { field: "role" } });
  }
}
