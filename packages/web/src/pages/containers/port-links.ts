import type { ContainerSummary, Environment } from "@fairlead/protocol/rest";

/** A port of the host that leads into a container. */
export interface PublishedPort {
  /** `8080:80`, `127.0.0.1:8080:80`, `53:53/udp`. */
  readonly text: string;
  /** Where a browser finds it, as far as one can tell from here. */
  readonly href?: string;
}

interface EnginePort {
  readonly IP?: string;
  readonly PrivatePort?: number;
  readonly PublicPort?: number;
  readonly Type?: string;
}

const EVERYWHERE = new Set(["", "0.0.0.0", "::"]);
const isLoopback = (address: string): boolean => /^(localhost|::1|(::ffff:)?127\.)/i.test(address);

/** The published ports, lowest first; one that listens on IPv4 and IPv6 is there once. `hostAddress`: see {@link hostAddress}. */
export function publishedPorts(
  ports: ContainerSummary["Ports"],
  hostAddress: string | undefined,
): readonly PublishedPort[] {
  const found = new Map<string, PublishedPort & { readonly port: number }>();
  for (const { IP = "", PrivatePort = 0, PublicPort, Type = "tcp" } of ports as readonly EnginePort[]) {
    if (PublicPort === undefined || PublicPort === 0) continue;
    const isEverywhere = EVERYWHERE.has(IP);
    const text = `${isEverywhere ? "" : `${bracketed(IP)}:`}${PublicPort}:${PrivatePort}${Type === "tcp" ? "" : `/${Type}`}`;
    const address = isEverywhere ? hostAddress : isLoopback(IP) ? undefined : IP;
    const isLink = Type === "tcp" && address !== undefined;
    found.set(text, {
      text,
      port: PublicPort,
      ...(isLink && { href: `http://${bracketed(address)}:${PublicPort}` }),
    });
  }
  return [...found.values()].toSorted((a, b) => a.port - b.port);
}

/**
 * Under what address a host can be found: where its agent dialled from, or where the hub dials it. One that is on the hub's own machine is
 * where the hub is.
 */
export function hostAddress(
  environment: Pick<Environment, "kind" | "address" | "agent"> | undefined,
  hubHostname: string,
): string | undefined {
  if (!environment) return undefined;
  const { kind, address, agent } = environment;
  const found = kind === "socket" ? "localhost" : kind === "edge" ? agent?.address : hostnameOf(address);
  if (found === undefined || found === null || found === "") return undefined;
  const plain = found.replace(/^::ffff:(?=\d+\.)/i, "").replace(/^\[|\]$/g, "");
  return isLoopback(plain) ? hubHostname : plain;
}

function hostnameOf(address: string | null): string | undefined {
  // Only what URL knows as having a host.
  return address === null ? undefined : URL.parse(address.replace(/^tcp:/, "http:"))?.hostname;
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}
