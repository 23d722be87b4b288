import type { EnvironmentPermission } from "../permissions.ts";

/**
 * What a call does to the host: `read` changes nothing; `exec` puts its caller into a running container; `change` is
 * everything else, what tells secrets included.
 */
export type DockerEffect = "read" | "change" | "exec";

/** An endpoint of the Docker Engine API. */
export interface DockerEndpointRow {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS";
  /** As Docker's API description has it, without version. `{name}` may hold slashes where the engine allows it. */
  readonly path: string;
  readonly permission: EnvironmentPermission;
  readonly effect: DockerEffect;
}

type Row = readonly [method: DockerEndpointRow["method"], path: string, permission: EnvironmentPermission];

const READ: readonly Row[] = [
  ["GET", "/_ping", "system.view"],
  ["HEAD", "/_ping", "system.view"],
  ["GET", "/version", "system.view"],
  ["GET", "/info", "system.view"],
  ["GET", "/events", "system.view"],
  ["GET", "/system/df", "system.view"],

  ["GET", "/containers/json", "container.view"],
  ["GET", "/containers/{id}/json", "container.view"],
  ["GET", "/containers/{id}/top", "container.view"],
  ["GET", "/containers/{id}/changes", "container.view"],
  ["GET", "/containers/{id}/stats", "container.view"],
  ["POST", "/containers/{id}/wait", "container.view"],
  ["GET", "/exec/{id}/json", "container.view"],
  ["GET", "/containers/{id}/logs", "container.logs"],
  ["GET", "/containers/{id}/archive", "container.read-files"],
  ["HEAD", "/containers/{id}/archive", "container.read-files"],
  ["GET", "/containers/{id}/export", "container.read-files"],

  ["GET", "/images/json", "image.view"],
  ["GET", "/images/search", "image.view"],
  ["GET", "/images/{name}/json", "image.view"],
  ["GET", "/images/{name}/history", "image.view"],
  ["GET", "/images/{name}/attestations", "image.view"],
  ["GET", "/distribution/{name}/json", "image.view"],
  ["GET", "/images/get", "image.save"],
  ["GET", "/images/{name}/get", "image.save"],

  ["GET", "/volumes", "volume.view"],
  ["GET", "/volumes/{name}", "volume.view"],
  ["GET", "/networks", "network.view"],
  ["GET", "/networks/{id}", "network.view"],

  ["GET", "/nodes", "swarm.view"],
  ["GET", "/nodes/{id}", "swarm.view"],
  ["GET", "/services", "swarm.view"],
  ["GET", "/services/{id}", "swarm.view"],
  ["GET", "/services/{id}/logs", "container.logs"],
  ["GET", "/tasks", "swarm.view"],
  ["GET", "/tasks/{id}", "swarm.view"],
  ["GET", "/tasks/{id}/logs", "container.logs"],
  ["GET", "/secrets", "swarm.view"],
  ["GET", "/secrets/{id}", "swarm.view"],
  ["GET", "/configs", "swarm.view"],
  ["GET", "/configs/{id}", "swarm.view"],

  ["GET", "/plugins", "plugin.view"],
  ["GET", "/plugins/{name}/json", "plugin.view"],
  ["GET", "/plugins/privileges", "plugin.view"],
];

const EXEC: readonly Row[] = [
  ["POST", "/containers/{id}/exec", "container.exec"],
  ["POST", "/exec/{id}/start", "container.exec"],
  ["POST", "/exec/{id}/resize", "container.exec"],
  ["POST", "/containers/{id}/attach", "container.attach"],
  ["GET", "/containers/{id}/attach/ws", "container.attach"],
  ["POST", "/containers/{id}/resize", "container.attach"],
];

const CHANGE: readonly Row[] = [
  ["POST", "/containers/create", "container.create"],
  ["POST", "/containers/{id}/checkpoints", "container.create"],
  // A list, but the engine makes the folder that `?dir=` names.
  ["GET", "/containers/{id}/checkpoints", "container.view"],
  ["DELETE", "/containers/{id}/checkpoints/{checkpoint}", "container.remove"],
  ["POST", "/containers/{id}/start", "container.start"],
  ["POST", "/containers/{id}/stop", "container.stop"],
  ["POST", "/containers/{id}/kill", "container.stop"],
  ["POST", "/containers/{id}/restart", "container.restart"],
  ["POST", "/containers/{id}/pause", "container.pause"],
  ["POST", "/containers/{id}/unpause", "container.pause"],
  ["POST", "/containers/{id}/update", "container.update"],
  ["POST", "/containers/{id}/rename", "container.update"],
  ["DELETE", "/containers/{id}", "container.remove"],
  ["POST", "/containers/prune", "container.remove"],
  ["PUT", "/containers/{id}/archive", "container.write-files"],

  ["POST", "/images/create", "image.pull"],
  ["POST", "/images/load", "image.load"],
  ["POST", "/images/{name}/push", "image.push"],
  ["POST", "/images/{name}/tag", "image.tag"],
  ["POST", "/commit", "image.commit"],
  ["DELETE", "/images/{name}", "image.remove"],
  ["POST", "/images/prune", "image.remove"],
  ["POST", "/build", "image.build"],
  ["POST", "/build/cancel", "image.build"],
  ["POST", "/build/prune", "image.build"],
  // BuildKit's: what is asked inside is not HTTP, and can be anything that a build can.
  ["POST", "/session", "image.build"],
  ["POST", "/grpc", "image.build"],
  ["POST", "/auth", "registry.login"],

  ["POST", "/volumes/create", "volume.create"],
  ["PUT", "/volumes/{name}", "volume.create"],
  ["DELETE", "/volumes/{name}", "volume.remove"],
  ["POST", "/volumes/prune", "volume.remove"],
  ["POST", "/networks/create", "network.create"],
  ["POST", "/networks/{id}/connect", "network.connect"],
  ["POST", "/networks/{id}/disconnect", "network.connect"],
  ["DELETE", "/networks/{id}", "network.remove"],
  ["POST", "/networks/prune", "network.remove"],

  ["POST", "/swarm/init", "swarm.manage"],
  ["POST", "/swarm/join", "swarm.manage"],
  ["POST", "/swarm/leave", "swarm.manage"],
  ["POST", "/swarm/update", "swarm.manage"],
  ["POST", "/swarm/unlock", "swarm.manage"],
  // Read, but what they tell lets a machine in as a manager, or opens the swarm's keys.
  ["GET", "/swarm", "swarm.manage"],
  ["GET", "/swarm/unlockkey", "swarm.manage"],
  ["POST", "/nodes/{id}/update", "swarm.manage"],
  ["DELETE", "/nodes/{id}", "swarm.manage"],
  ["POST", "/services/create", "swarm.manage"],
  ["POST", "/services/{id}/update", "swarm.manage"],
  ["DELETE", "/services/{id}", "swarm.manage"],
  ["POST", "/secrets/create", "swarm.manage"],
  ["POST", "/secrets/{id}/update", "swarm.manage"],
  ["DELETE", "/secrets/{id}", "swarm.manage"],
  ["POST", "/configs/create", "swarm.manage"],
  ["POST", "/configs/{id}/update", "swarm.manage"],
  ["DELETE", "/configs/{id}", "swarm.manage"],

  ["POST", "/plugins/create", "plugin.manage"],
  ["POST", "/plugins/pull", "plugin.manage"],
  ["POST", "/plugins/{name}/enable", "plugin.manage"],
  ["POST", "/plugins/{name}/disable", "plugin.manage"],
  ["POST", "/plugins/{name}/push", "plugin.manage"],
  ["POST", "/plugins/{name}/set", "plugin.manage"],
  ["POST", "/plugins/{name}/upgrade", "plugin.manage"],
  ["DELETE", "/plugins/{name}", "plugin.manage"],

  // The memory of the engine, keys included, is in its profiles.
  ["GET", "/debug/vars", "system.debug"],
  ["GET", "/debug/pprof", "system.debug"],
  ["GET", "/debug/pprof/{name}", "system.debug"],
];

const rows = (effect: DockerEffect, list: readonly Row[]): DockerEndpointRow[] =>
  list.map(([method, path, permission]) => ({ method, path, permission, effect }));

/**
 * Every endpoint of the Docker Engine API, versions 1.25 to 1.55, and those that engines have beside their description
 * (checkpoints, `/grpc`, `/build/cancel`, `/debug`). A test compares it with Docker's published description.
 */
export const DOCKER_ENDPOINTS: readonly DockerEndpointRow[] = [
  ...rows("read", READ),
  ...rows("exec", EXEC),
  ...rows("change", CHANGE),
];
