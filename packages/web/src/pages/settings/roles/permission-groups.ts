import { PERMISSIONS, type Permission } from "@fairlead/protocol";

export interface PermissionGroup {
  /** What they are verbs on: container, image, … */
  readonly thing: string;
  readonly permissions: readonly Permission[];
}

/** All permissions by the thing they are verbs on, in the order of the table. */
export const PERMISSION_GROUPS: readonly PermissionGroup[] = [
  ...Map.groupBy(Object.keys(PERMISSIONS) as Permission[], (permission) => permission.split(".", 1)[0] ?? ""),
].map(([thing, permissions]) => ({ thing, permissions }));

/** The groups with what of them is in `held`; groups of which nothing is are left out. */
export function groupsOf(held: readonly Permission[]): readonly PermissionGroup[] {
  const set = new Set(held);
  return PERMISSION_GROUPS.map(({ thing, permissions }) => ({
    thing,
    permissions: permissions.filter((permission) => set.has(permission)),
  })).filter(({ permissions }) => permissions.length > 0);
}
