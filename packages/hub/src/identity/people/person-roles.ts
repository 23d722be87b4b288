import type { Caller, Grant, GrantScope } from "../../access/caller.ts";

/** A role, and where a person holds it. */
export interface HeldRole {
  readonly role: string;
  readonly scope: GrantScope;
}

/** What people need of roles; `access/` has them. */
export interface PersonRoles {
  roles(): readonly { readonly name: string }[];
  /** What a person holds; with an origin, only what comes from there. */
  bindingsOf(personId: string, origin?: "given" | "provider"): HeldRole[];
  /** What that allows, and where. */
  grantsOf(personId: string): readonly Grant[];
  /**
   * Puts these in the place of what the person holds from `origin`: from somebody who gave it, or from the provider's groups.
   *
   * @param caller Who gives them; undefined: the hub itself.
   * @throws FairleadError bad_request naming an unknown role, forbidden for more than the caller's own rights.
   */
  bind(
    caller: Caller | undefined,
    personId: string,
    bindings: HeldRole[],
    origin?: "given" | "provider",
  ): Promise<void>;
  /** @throws FairleadError bad_request naming an unknown role, forbidden when the caller has not all of it. */
  refuseMoreThan(caller: Caller, bindings: HeldRole[]): void;
  removePerson(personId: string): Promise<void>;
  /** Told when rights have changed: of one person, or, with undefined, of everybody. */
  onChange(listener: (personId: string | undefined) => void): void;
}

/** The role of the first person, who must be able to do everything. */
export const ADMIN_ROLE = "admin";

/** Held on all environments, and on the hub itself. */
export function heldEverywhere(roles: readonly string[]): HeldRole[] {
  return roles.map((role) => ({ role, scope: { type: "all" } }));
}
