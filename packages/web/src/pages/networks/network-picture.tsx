import { Box, Group, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { IconBox, IconNetwork } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { count, shortId } from "../../ui/format.ts";
import type { HostGraph } from "./network-graph.ts";
import { layoutNetworks, type PlacedNode } from "./network-layout.ts";

interface NetworkPictureProps {
  readonly environmentName: string;
  readonly graph: HostGraph;
  /** "Networks of attic and their containers". */
  readonly label: string;
}

/** Who is on which network, drawn: networks left, containers right. A table beside it says the same in words. */
export function NetworkPicture({ environmentName, graph, label }: NetworkPictureProps): ReactNode {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const layout = useMemo(() => layoutNetworks(graph, width), [graph, width]);
  const [active, setActive] = useState<string>();
  const near = useMemo(() => {
    if (active === undefined) return undefined;
    const ids = new Set([active]);
    for (const { network, container } of graph.links) {
      if (network === active) ids.add(container);
      if (container === active) ids.add(network);
    }
    return ids;
  }, [graph, active]);
  const node = (placed: PlacedNode, kind: "network" | "container"): ReactNode => (
    <Box
      key={placed.id}
      component="li"
      className="fl-graph-node"
      data-dim={near !== undefined && !near.has(placed.id)}
      style={{
        width: layout.nodeWidth,
        height: layout.nodeHeight,
        transform: `translate(${placed.x}px, ${placed.y}px)`,
      }}
      onMouseEnter={() => setActive(placed.id)}
      onMouseLeave={() => setActive(undefined)}
      onFocus={() => setActive(placed.id)}
      onBlur={() => setActive(undefined)}
    >
      {kind === "network" ? (
        <Link
          to="/environments/$env/networks/$network"
          params={{ env: environmentName, network: shortId(placed.id) }}
          title={placed.name}
        >
          <IconNetwork size={15} aria-hidden />
          <span className="ellipsis">{placed.name}</span>
          <Text span fz="xs" c="dimmed" visibleFrom="sm" ml="auto">
            {graph.networkById.get(placed.id)?.Driver}
          </Text>
        </Link>
      ) : (
        <Link
          to="/environments/$env/containers/$container"
          params={{ env: environmentName, container: shortId(placed.id) }}
          title={placed.name}
        >
          <IconBox size={15} aria-hidden />
          <span className="ellipsis">{placed.name}</span>
          <Text span fz="xs" c="dimmed" visibleFrom="sm" ml="auto">
            {graph.containerById.get(placed.id)?.state}
          </Text>
        </Link>
      )}
    </Box>
  );
  const { leftOut } = graph;
  return (
    <Box role="group" aria-label={label}>
      <div ref={ref} style={{ position: "relative", height: layout.height }}>
        {width > 0 && (
          <>
            <svg
              width={layout.width}
              height={layout.height}
              viewBox={`0 0 ${layout.width} ${layout.height}`}
              aria-hidden
              className="fl-graph-links"
            >
              {layout.links.map(({ network, container, path }) => (
                <path
                  key={`${network} ${container}`}
                  d={path}
                  data-resting={graph.resting.has(container)}
                  data-near={network === active || container === active}
                  data-dim={active !== undefined && network !== active && container !== active}
                />
              ))}
            </svg>
            <ul className="fl-graph-nodes" aria-label="Networks">
              {layout.networks.map((placed) => node(placed, "network"))}
            </ul>
            <ul className="fl-graph-nodes" aria-label="Containers">
              {layout.containers.map((placed) => node(placed, "container"))}
            </ul>
          </>
        )}
      </div>
      <Group gap="md" mt="sm">
        <Text fz="xs" c="dimmed">
          Full line: on the network now. Dashed: belongs to it, but does not run.
        </Text>
        {leftOut.networks + leftOut.containers > 0 && (
          <Text fz="xs" className="fl-text-warn">
            Not drawn for want of room: {count(leftOut.networks, "network")}, {count(leftOut.containers, "container")}.
            The tables have them.
          </Text>
        )}
      </Group>
    </Box>
  );
}
