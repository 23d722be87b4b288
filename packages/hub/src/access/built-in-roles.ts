import { PERMISSIONS, type Permission } from "@fairlead/protocol";

/** Looks at everything but files in containers, and changes nothing. Inspecting a container shows its environment variables. */
const VIEWER: readonly Permission[] = [
  "environment.view",
  "system.view",
  "container.view",
  "container.logs",
  "image.view",
  "volume.view",
  "network.view",
  "stack.view",
  "swarm.view",
  "plugin.view",
];

/**
 * Runs containers, and gets no more of the host than containers have: nothing privileged, no files of the host, no engine
 * plugins, no swarm. (A container that has more of the host already gives it to whoever may run commands in it.)
 */
const OPERATOR: readonly Permission[] = [
  ...VIEWER,
  "container.create",
  "container.start",
  "container.stop",
  "container.restart",
  "container.pause",
  "container.update",
  "container.remove",
  "container.attach",
  "container.exec",
  "container.read-files",
  "container.write-files",
  "image.pull",
  "image.push",
  "image.build",
  "image.load",
  "image.save",
  "image.tag",
  "image.commit",
  "image.remove",
  "volume.create",
  "volume.remove",
  "network.create",
  "network.connect",
  "network.remove",
  "stack.deploy",
  "stack.control",
  "stack.remove",
  "registry.login",
];

export const ALL_PERMISSIONS: ReadonlySet<Permission> = new Set(Object.keys(PERMISSIONS) as Permission[]);

/** Roles that every hub has. Admin is everything. */
export const BUILT_IN_ROLES: ReadonlyMap<string, ReadonlySet<Permission>> = new Map([
  ["viewer", new Set(VIEWER)],
  ["operator", new Set(OPERATOR)],
  ["admin", ALL_PERMISSIONS],
]);
