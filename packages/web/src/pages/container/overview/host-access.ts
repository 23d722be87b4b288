import type { ContainerInspect } from "../../../docker/container-inspect.ts";

/** Folders of the host whose owner owns the host, or its engine. */
const POWERFUL_SOURCES =
  /^\/$|^\/(etc|root|boot|proc|sys|dev)(\/|$)|^(\/var)?\/run(\/|$)(?!user)|docker\.sock$|podman\.sock$|^\/var\/lib\/docker(\/|$)/;

/** What this container has of its host beyond what a container has: what somebody who reads it should know. */
export function hostAccess({
  HostConfig: host,
  Mounts,
}: Pick<ContainerInspect, "HostConfig" | "Mounts">): readonly string[] {
  const found: string[] = [];
  if (host.Privileged === true) found.push("It is privileged: what runs in it can do everything on the host.");
  const added = host.CapAdd ?? [];
  if (added.length > 0) found.push(`Added capabilities: ${added.join(", ")}.`);
  for (const { PathOnHost, CgroupPermissions } of host.Devices ?? [])
    found.push(`Device of the host: ${PathOnHost} (${CgroupPermissions}).`);
  const namespaces = [
    ["network", host.NetworkMode],
    ["processes", host.PidMode],
    ["IPC", host.IpcMode],
    ["host name", host.UTSMode],
    ["users", host.UsernsMode],
  ] as const;
  const shared = namespaces.filter(([, mode]) => mode === "host").map(([name]) => name);
  if (shared.length > 0) found.push(`Shares with the host: ${shared.join(", ")}.`);
  const loose = (host.SecurityOpt ?? []).filter((option) => /unconfined|disable|systempaths/.test(option));
  if (loose.length > 0) found.push(`Protection that is off: ${loose.join(", ")}.`);
  for (const { Type, Source, Destination, RW } of Mounts ?? [])
    if (Type === "bind" && POWERFUL_SOURCES.test(Source))
      found.push(`${Source} of the host is mounted at ${Destination}${RW ? "" : ", read-only"}.`);
  return found;
}
