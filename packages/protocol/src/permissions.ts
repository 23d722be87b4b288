/**
 * What a person or a program may do: verbs on the domain. Those of an environment are held for all environments, for those
 * with a label, or for one; those of the hub are held whole.
 */

/** Permissions on an environment and what runs there, with what they allow; for people. */
export const ENVIRONMENT_PERMISSIONS = {
  "environment.view": "See the environment: its lights, agent, figures, events and history.",
  "environment.manage": "Change or remove the environment, and its agent's tokens and join keys.",

  "system.view": "Ask the engine for its version, information, disk usage and live events.",
  "system.debug": "Read the engine's own profiles and variables.",
  "container.view": "List and inspect containers, their processes, changes and figures.",
  "container.logs": "Read what containers have written.",
  "container.create": "Create containers, and snapshots of running ones (checkpoints).",
  "container.privileged":
    "Create or change containers that get more of the host than containers have: privileged, host namespaces, devices, added capabilities, loosened confinement.",
  "container.bind": "Create containers and volumes with files of the host in them.",
  "container.start": "Start containers.",
  "container.stop": "Stop and kill containers, and send them signals.",
  "container.restart": "Restart containers.",
  "container.pause": "Pause containers, and let them go on.",
  "container.update": "Rename containers, change their resources and restart policy.",
  "container.remove": "Remove containers, stopped ones all at once, too.",
  "container.attach": "Attach to a container's main process.",
  "container.exec": "Run commands in containers.",
  "container.read-files": "Copy files out of containers, whole file systems too.",
  "container.write-files": "Copy files into containers.",

  "image.view": "List and inspect images, and ask registries about them.",
  "image.pull": "Pull images from registries.",
  "image.push": "Push images to registries.",
  "image.build": "Build images, and see to the build cache.",
  "image.load": "Load and import images from files.",
  "image.save": "Save images to files.",
  "image.tag": "Give images names.",
  "image.commit": "Make images of containers.",
  "image.remove": "Remove images, unused ones all at once, too.",

  "volume.view": "List and inspect volumes.",
  "volume.create": "Create and change volumes.",
  "volume.remove": "Remove volumes, unused ones all at once, too.",
  "network.view": "List and inspect networks.",
  "network.create": "Create networks.",
  "network.connect": "Connect containers to networks, and disconnect them.",
  "network.remove": "Remove networks, unused ones all at once, too.",

  "stack.view": "See stacks, and read their logs.",
  "stack.deploy": "Bring stacks up, pull and build for them.",
  "stack.control": "Start, stop and restart stacks.",
  "stack.remove": "Take stacks down.",

  "registry.login": "Have the engine try credentials at a registry.",
  "swarm.view": "List and inspect nodes, services, tasks, secrets' names and configs.",
  "swarm.manage": "Change swarm, nodes, services, secrets and configs, and see its join tokens and unlock key.",
  "plugin.view": "List and inspect engine plugins.",
  "plugin.manage": "Install, change and remove engine plugins, which run as root on the host.",
  "engine.other": "Whatever else the engine answers, Podman's own API included.",
} as const;

/** Permissions on the hub itself. */
export const HUB_PERMISSIONS = {
  "environment.create": "Add environments.",
  "token.manage": "See and revoke everybody's API tokens. One's own need no permission.",
  "user.manage": "Add, change and remove people, and give them roles.",
  "role.manage": "Make, change and remove roles.",
  "audit.view": "Read, verify and export the audit log, recorded sessions included.",
  "hub.manage": "See what the hub runs with, and change its settings.",
  "hub.metrics": "Read the hub's Prometheus figures.",
} as const;

export const PERMISSIONS = { ...ENVIRONMENT_PERMISSIONS, ...HUB_PERMISSIONS } as const;

export type EnvironmentPermission = keyof typeof ENVIRONMENT_PERMISSIONS;
export type HubPermission = keyof typeof HUB_PERMISSIONS;
export type Permission = keyof typeof PERMISSIONS;

/** True when `text` names a permission (what comes over a wire is a plain string). */
export function isPermission(text: string): text is Permission {
  return Object.hasOwn(PERMISSIONS, text);
}
