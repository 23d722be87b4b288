import type { EnvironmentPermission } from "../permissions.ts";

/**
 * What a call can demand of the host beyond what a container has by itself:
 *
 * - `privileged`: all of the host (a privileged container or exec, an engine plugin, another swarm's managers);
 * - `namespace`: one of the host's own (`network`, `pid`, `ipc`, `uts`, `user`, `cgroup`), or a network on the host's interfaces;
 * - `bind`: a path of the host, or anything else that is mounted and is no volume;
 * - `device`, `capability` (without `CAP_`, in capitals);
 * - `security`: confinement that is loosened or chosen (seccomp, masked paths, sysctls, another runtime, …);
 * - `container`: another container, whose namespace or volumes are joined, or which the call is about;
 * - `unknown`: a field or an option that this version does not know, or that another engine than Docker takes for more than it says.
 */
export type DockerDemandKind =
  | "privileged"
  | "namespace"
  | "bind"
  | "device"
  | "capability"
  | "security"
  | "container"
  | "unknown";

export interface DockerDemand {
  readonly kind: DockerDemandKind;
  /** The path, device, capability, namespace or container; otherwise what is asked, in words. */
  readonly value: string;
  /** Where the call says so: `HostConfig.Binds[0]`, `?networkmode`. */
  readonly field: string;
  /** Of a bind: it cannot be written to. */
  readonly readOnly?: true;
}

/** Permissions that demands need besides the endpoint's own. */
export function permissionsOfDemands(demands: readonly DockerDemand[]): EnvironmentPermission[] {
  const needed = new Set<EnvironmentPermission>();
  for (const { kind } of demands) {
    // Another container is one of the same environment.
    if (kind === "container") continue;
    needed.add(kind === "bind" ? "container.bind" : "container.privileged");
  }
  return [...needed];
}

/** Collects the demands of one call. */
export class DemandList {
  readonly all: DockerDemand[] = [];

  add(kind: DockerDemandKind, value: string, field: string): void {
    this.all.push({ kind, value, field });
  }

  addBind(value: string, field: string, readOnly: boolean): void {
    this.all.push({ kind: "bind", value, field, ...(readOnly ? { readOnly } : {}) });
  }
}
