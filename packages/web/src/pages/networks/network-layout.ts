/** Who is on which network, of one host. */
export interface NetworkGraph {
  readonly networks: readonly GraphNode[];
  readonly containers: readonly GraphNode[];
  readonly links: readonly { readonly network: string; readonly container: string }[];
}

export interface GraphNode {
  readonly id: string;
  readonly name: string;
}

export interface PlacedNode extends GraphNode {
  readonly x: number;
  readonly y: number;
}

export interface PlacedLink {
  readonly network: string;
  readonly container: string;
  /** An SVG path from the network's edge to the container's. */
  readonly path: string;
}

export interface NetworkLayout {
  readonly networks: readonly PlacedNode[];
  readonly containers: readonly PlacedNode[];
  readonly links: readonly PlacedLink[];
  readonly nodeWidth: number;
  readonly nodeHeight: number;
  readonly width: number;
  readonly height: number;
}

export const NODE_HEIGHT = 34;
const GAP = 10;
/** Names of more than this width are cut; wider boxes would only move the two sides together. */
const MAX_NODE_WIDTH = 280;
/** Rounds of putting each side in the order of its neighbours: more than these change nothing that can be seen. */
const ROUNDS = 4;

/**
 * Two columns: networks left, containers right, each next to what it is connected with, so that few lines cross.
 * @param width of the drawing, in pixels.
 */
export function layoutNetworks({ networks, containers, links }: NetworkGraph, width: number): NetworkLayout {
  const known = {
    networks: new Set(networks.map(({ id }) => id)),
    containers: new Set(containers.map(({ id }) => id)),
  };
  const drawn = links.filter(
    ({ network, container }) => known.networks.has(network) && known.containers.has(container),
  );
  const ofNetwork = neighbours(drawn.map(({ network, container }) => [network, container]));
  const ofContainer = neighbours(drawn.map(({ network, container }) => [container, network]));

  // Busy networks first, and what nobody is on last: where the rounds leave a choice, it stays so.
  let left = [...networks].sort(
    (a, b) => (ofNetwork.get(b.id)?.length ?? 0) - (ofNetwork.get(a.id)?.length ?? 0) || byName(a, b),
  );
  let right = [...containers].sort(byName);
  for (let round = 0; round < ROUNDS; round++) {
    right = ordered(right, ofContainer, left);
    left = ordered(left, ofNetwork, right);
  }

  const nodeWidth = Math.min(MAX_NODE_WIDTH, Math.floor(width * 0.42));
  const tall = Math.max(left.length, right.length);
  const height = tall === 0 ? 0 : tall * NODE_HEIGHT + (tall - 1) * GAP;
  const place = (nodes: readonly GraphNode[], x: number): PlacedNode[] => {
    // The shorter side is spread over the height of the longer one.
    const room = nodes.length === 0 ? 0 : height / nodes.length;
    return nodes.map((node, index) => ({ ...node, x, y: room * index + (room - NODE_HEIGHT) / 2 }));
  };
  const placedNetworks = place(left, 0);
  const placedContainers = place(right, width - nodeWidth);
  const yOf = new Map([...placedNetworks, ...placedContainers].map(({ id, y }) => [id, y + NODE_HEIGHT / 2]));
  const from = nodeWidth;
  const to = width - nodeWidth;
  const middle = (from + to) / 2;
  return {
    networks: placedNetworks,
    containers: placedContainers,
    links: drawn.map(({ network, container }) => {
      const [start, end] = [rounded(yOf.get(network) ?? 0), rounded(yOf.get(container) ?? 0)];
      return { network, container, path: `M${from} ${start}C${middle} ${start} ${middle} ${end} ${to} ${end}` };
    }),
    nodeWidth,
    nodeHeight: NODE_HEIGHT,
    width,
    height,
  };
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
const byName = (a: GraphNode, b: GraphNode): number => a.name.localeCompare(b.name, "en", { numeric: true });

function neighbours(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, readonly string[]> {
  const map = new Map<string, string[]>();
  for (const [from, to] of pairs) {
    const list = map.get(from);
    if (list) list.push(to);
    else map.set(from, [to]);
  }
  return map;
}

/** By the mean place of their neighbours; those without any at the end. Equal ones keep their order. */
function ordered(
  nodes: readonly GraphNode[],
  links: ReadonlyMap<string, readonly string[]>,
  others: readonly GraphNode[],
): GraphNode[] {
  const place = new Map(others.map(({ id }, index) => [id, index]));
  const weight = ({ id }: GraphNode): number => {
    const list = links.get(id);
    if (!list) return Number.MAX_SAFE_INTEGER;
    return list.reduce((sum, other) => sum + (place.get(other) ?? 0), 0) / list.length;
  };
  const weights = new Map(nodes.map((node) => [node.id, weight(node)]));
  return [...nodes].sort((a, b) => (weights.get(a.id) ?? 0) - (weights.get(b.id) ?? 0));
}
