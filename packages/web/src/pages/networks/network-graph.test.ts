import { expect, test } from "vitest";
import type { Network } from "../../docker/networks.ts";
import type { UsingContainer } from "../../docker/using-container.ts";
import { hostGraph, MAX_DRAWN } from "./network-graph.ts";

const network = (Name: string): Network => ({
  Name,
  Id: `id of ${Name}`,
  Driver: "bridge",
  Scope: "local",
  Internal: false,
  Attachable: false,
  Ingress: false,
  IPAM: null,
  Labels: null,
  Options: null,
});
const container = (name: string, state: string, ...on: string[]): UsingContainer => ({
  id: name,
  name,
  state,
  imageId: "",
  imageName: "",
  volumes: [],
  networks: on.map((of) => ({ name: of, id: "", address: "" })),
});

test("draws who is on these networks, and who would be if it ran", () => {
  const graph = hostGraph(
    [network("front"), network("back")],
    [
      container("web", "running", "front", "back"),
      container("rest", "exited", "back"),
      container("else", "running", "other"),
    ],
  );
  expect(graph.containers.map(({ id }) => id)).toEqual(["web", "rest"]);
  expect(graph.links).toEqual([
    { network: "id of front", container: "web" },
    { network: "id of back", container: "web" },
    { network: "id of back", container: "rest" },
  ]);
  expect([...graph.resting]).toEqual(["rest"]);
  expect(graph.leftOut).toEqual({ networks: 0, containers: 0 });
});

test("says what it leaves out", () => {
  const many = Array.from({ length: MAX_DRAWN + 7 }, (_, index) => container(`c${index}`, "running", "front"));
  const graph = hostGraph([network("front")], many);
  expect(graph.containers).toHaveLength(MAX_DRAWN);
  expect(graph.leftOut).toEqual({ networks: 0, containers: 7 });
});
