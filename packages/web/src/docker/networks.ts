import { dockerCall, dockerJson } from "./call.ts";

/** A network of `/networks`; field names are Docker's. */
export interface Network {
  readonly Name: string;
  readonly Id: string;
  /** ISO 8601. */
  readonly Created?: string;
  readonly Driver: string;
  readonly Scope: string;
  readonly Internal: boolean;
  readonly Attachable: boolean;
  readonly Ingress: boolean;
  readonly EnableIPv6?: boolean;
  readonly ConfigOnly?: boolean;
  readonly IPAM: {
    readonly Driver?: string;
    readonly Options?: Readonly<Record<string, string>> | null;
    readonly Config: readonly IpamConfig[] | null;
  } | null;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly Options: Readonly<Record<string, string>> | null;
}

export interface IpamConfig {
  readonly Subnet?: string;
  readonly Gateway?: string;
  readonly IPRange?: string;
}

/** `/networks/{id}` tells also who is connected now: running containers only. */
export interface NetworkInspect extends Network {
  readonly Containers?: Readonly<Record<string, ConnectedContainer>> | null;
}

export interface ConnectedContainer {
  readonly Name: string;
  readonly IPv4Address?: string;
  readonly IPv6Address?: string;
  readonly MacAddress?: string;
}

export interface NetworksPruneReport {
  readonly NetworksDeleted: readonly string[] | null;
}

/** The engine's own; it does not let them go. */
const PREDEFINED = new Set(["bridge", "host", "none"]);

export function isPredefined({ Name, Ingress }: Pick<Network, "Name" | "Ingress">): boolean {
  return PREDEFINED.has(Name) || Ingress;
}

export function subnetsOf({ IPAM }: Pick<Network, "IPAM">): readonly string[] {
  return (IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet ? [Subnet] : []));
}

const path = (id: string, rest = ""): string => `/networks/${encodeURIComponent(id)}${rest}`;

export function removeNetwork(environmentId: number, id: string): Promise<Response> {
  return dockerCall(environmentId, path(id), { method: "DELETE" });
}

export interface NewNetwork {
  readonly Name: string;
  readonly Driver: string;
  readonly Internal: boolean;
  readonly Attachable: boolean;
  readonly IPAM?: { readonly Config: readonly IpamConfig[] };
  readonly Labels: Readonly<Record<string, string>>;
}

export function createNetwork(environmentId: number, network: NewNetwork): Promise<{ readonly Id: string }> {
  return dockerJson(environmentId, "/networks/create", { method: "POST", json: { ...network, CheckDuplicate: true } });
}

export interface Connecting {
  readonly container: string;
  readonly aliases: readonly string[];
  /** Empty: the engine picks one. */
  readonly address: string;
}

export function connectContainer(
  environmentId: number,
  networkId: string,
  { container, aliases, address }: Connecting,
): Promise<Response> {
  const endpoint = {
    ...(aliases.length === 0 ? {} : { Aliases: aliases }),
    ...(address === "" ? {} : { IPAMConfig: { IPv4Address: address } }),
  };
  return dockerCall(environmentId, path(networkId, "/connect"), {
    method: "POST",
    json: { Container: container, EndpointConfig: endpoint },
  });
}

export function disconnectContainer(environmentId: number, networkId: string, container: string): Promise<Response> {
  return dockerCall(environmentId, path(networkId, "/disconnect"), {
    method: "POST",
    json: { Container: container, Force: false },
  });
}

export function pruneNetworks(environmentId: number): Promise<NetworksPruneReport> {
  return dockerJson(environmentId, "/networks/prune", { method: "POST" });
}
