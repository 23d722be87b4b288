import type { ContainerInspect } from "../../../docker/container-inspect.ts";

export interface PublishedPort {
  /** `80/tcp`. */
  readonly container: string;
  /** `0.0.0.0:8080`; undefined: not published on the host. */
  readonly host?: string;
  /** Where a browser finds it, as far as that can be known from here. */
  readonly link?: string;
}

/**
 * A container's ports, those on the host first.
 * @param pageHost the host that this page was loaded from: where the engine is the hub's own, its ports are there, too
 */
export function publishedPorts(
  { NetworkSettings, Config }: Pick<ContainerInspect, "NetworkSettings" | "Config">,
  pageHost: string,
  isOwnHost: boolean,
): readonly PublishedPort[] {
  const ports = NetworkSettings.Ports ?? {};
  const found: PublishedPort[] = [];
  const inner: PublishedPort[] = [];
  for (const container of new Set([...Object.keys(ports), ...Object.keys(Config.ExposedPorts ?? {})])) {
    const bindings = ports[container] ?? [];
    if (bindings.length === 0) inner.push({ container });
    for (const { HostIp = "", HostPort = "" } of bindings) {
      const ip = HostIp === "" ? "0.0.0.0" : HostIp;
      const at = ip === "0.0.0.0" || ip === "::" ? (isOwnHost ? pageHost : undefined) : isLoopback(ip) ? undefined : ip;
      const link = at !== undefined && container.endsWith("/tcp") ? { link: address(at, HostPort) } : {};
      found.push({ container, host: `${ip.includes(":") ? `[${ip}]` : ip}:${HostPort}`, ...link });
    }
  }
  return [...found, ...inner];
}

function isLoopback(ip: string): boolean {
  return ip.startsWith("127.") || ip === "::1";
}

function address(host: string, port: string): string {
  const scheme = port === "443" || port === "8443" ? "https" : "http";
  return `${scheme}://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}/`;
}
