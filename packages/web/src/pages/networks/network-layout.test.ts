import fc from "fast-check";
import { expect, test } from "vitest";
import { layoutNetworks, type NetworkGraph, NODE_HEIGHT } from "./network-layout.ts";

const node = (id: string) => ({ id, name: id });
const graph = (
  networks: string[],
  containers: string[],
  links: readonly (readonly [string, string])[],
): NetworkGraph => ({
  networks: networks.map(node),
  containers: containers.map(node),
  links: links.map(([network, container]) => ({ network, container })),
});

test("neighbours stand beside each other, and what nobody is on stands last", () => {
  const { networks, containers, links } = layoutNetworks(
    graph(
      ["lonely", "front", "back"],
      ["web", "db", "api", "idle"],
      [
        ["front", "web"],
        ["front", "api"],
        ["back", "db"],
        ["back", "api"],
      ],
    ),
    900,
  );
  expect(networks.at(-1)?.id).toBe("lonely");
  expect(containers.at(-1)?.id).toBe("idle");
  // The one on both networks stands between those on one.
  expect(containers[1]?.id).toBe("api");
  expect(links).toHaveLength(4);
});

test("nothing to draw is no height", () => {
  expect(layoutNetworks(graph([], [], []), 400)).toMatchObject({ height: 0, networks: [], containers: [], links: [] });
});

test("links to what is not there are not drawn", () => {
  expect(layoutNetworks(graph(["n"], ["c"], [["n", "gone"]]), 400).links).toEqual([]);
});

const anyGraph = fc
  .record({ networks: fc.integer({ min: 0, max: 12 }), containers: fc.integer({ min: 0, max: 25 }) })
  .chain(({ networks, containers }) => {
    const n = Array.from({ length: networks }, (_, index) => `n${index}`);
    const c = Array.from({ length: containers }, (_, index) => `c${index}`);
    const links =
      networks === 0 || containers === 0
        ? fc.constant<[string, string][]>([])
        : fc.uniqueArray(fc.tuple(fc.constantFrom(...n), fc.constantFrom(...c)), {
            maxLength: 40,
            selector: ([network, container]) => `${network} ${container}`,
          });
    return links.map((list) => graph(n, c, list));
  });

test("every node is drawn within the picture, none over another, the columns apart, every link once", () => {
  fc.assert(
    fc.property(anyGraph, fc.integer({ min: 200, max: 1600 }), (given, width) => {
      const layout = layoutNetworks(given, width);
      for (const [column, of] of [
        [layout.networks, given.networks],
        [layout.containers, given.containers],
      ] as const) {
        expect(column.map(({ id }) => id).sort()).toEqual(of.map(({ id }) => id).sort());
        for (const [index, { x, y }] of column.entries()) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x + layout.nodeWidth).toBeLessThanOrEqual(width);
          expect(y).toBeGreaterThanOrEqual(-1e-6);
          expect(y + NODE_HEIGHT).toBeLessThanOrEqual(layout.height + 1e-6);
          const before = column[index - 1];
          if (before) expect(y - before.y).toBeGreaterThanOrEqual(NODE_HEIGHT);
        }
      }
      expect(layout.nodeWidth * 2).toBeLessThan(width);
      expect(layout.links).toHaveLength(given.links.length);
    }),
  );
});

test("the order in which things are told does not matter", () => {
  fc.assert(
    fc.property(anyGraph, (given) => {
      const turned = {
        networks: given.networks.toReversed(),
        containers: given.containers.toReversed(),
        links: given.links,
      };
      expect(layoutNetworks(turned, 800)).toEqual(layoutNetworks(given, 800));
    }),
  );
});
