import type { Network } from "../../docker/networks.ts";
import { isAlive, type UsingContainer } from "../../docker/using-container.ts";
import type { NetworkGraph } from "./network-layout.ts";

/** More boxes in a column than this nobody reads; the table has them all. */
export const MAX_DRAWN = 300;

/** A host's networks and containers as they are drawn. */
export interface HostGraph extends NetworkGraph {
  readonly containerById: ReadonlyMap<string, UsingContainer>;
  readonly networkById: ReadonlyMap<string, Network>;
  /** Links to containers that do not run: they belong to the network, but are not on it now. */
  readonly resting: ReadonlySet<string>;
  /** What was left out for want of room. */
  readonly leftOut: { readonly networks: number; readonly containers: number };
}

/** @param networks those to draw; containers on none of them are left out. */
export function hostGraph(networks: readonly Network[], containers: readonly UsingContainer[]): HostGraph {
  const drawnNetworks = networks.slice(0, MAX_DRAWN);
  const byName = new Map(drawnNetworks.map((network) => [network.Name, network.Id]));
  const connected = containers.filter(({ networks: of }) => of.some(({ name }) => byName.has(name)));
  const drawn = connected.slice(0, MAX_DRAWN);
  return {
    networks: drawnNetworks.map(({ Id, Name }) => ({ id: Id, name: Name })),
    containers: drawn.map(({ id, name }) => ({ id, name })),
    links: drawn.flatMap(({ id, networks: of }) =>
      of.flatMap(({ name }) => {
        const network = byName.get(name);
        return network === undefined ? [] : [{ network, container: id }];
      }),
    ),
    containerById: new Map(drawn.map((container) => [container.id, container])),
    networkById: new Map(drawnNetworks.map((network) => [network.Id, network])),
    resting: new Set(drawn.filter((container) => !isAlive(container)).map(({ id }) => id)),
    leftOut: {
      networks: networks.length - drawnNetworks.length,
      containers: connected.length - drawn.length,
    },
  };
}
