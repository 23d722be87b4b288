import type { ContainerSummary } from "@fairlead/protocol/rest";
import { expect, test } from "vitest";
import { usingContainer } from "../../docker/using-container.ts";
import { imageUsers, networkUsers, usageOf, volumeUsers } from "./usage.ts";

const summary = (name: string, of: Record<string, unknown>): ContainerSummary => ({
  Id: `${name}0123456789abcdef`,
  Names: [`/${name}`],
  Image: "busybox",
  ImageID: "sha256:bb",
  Command: "",
  Created: 0,
  State: "running",
  Status: "",
  Ports: [],
  Labels: {},
  ...of,
});

const usage = usageOf(
  [
    summary("web", {
      Mounts: [
        { Type: "volume", Name: "data" },
        { Type: "volume", Name: "data" },
        { Type: "bind", Source: "/etc" },
      ],
      NetworkSettings: { Networks: { front: { NetworkID: "n1", IPAddress: "10.0.0.2" }, back: null } },
    }),
    summary("rest", { State: "exited", NetworkSettings: { Networks: { front: { NetworkID: "" } } } }),
    summary("bare", { Image: "other", ImageID: "sha256:of-a-platform" }),
    summary("lost", { Image: "sha256:gone", ImageID: "sha256:gone" }),
  ].map(usingContainer),
);
const called = (list: readonly { name: string }[] | undefined): string[] => (list ?? []).map(({ name }) => name);

test("who uses a volume, each once", () => {
  expect(called(volumeUsers(usage, "data"))).toEqual(["web"]);
  expect(called(volumeUsers(usage, "else"))).toEqual([]);
});

test("who belongs to a network, containers that never ran included", () => {
  expect(called(networkUsers(usage, "front"))).toEqual(["web", "rest"]);
  expect(networkUsers(usage, "front")[0]?.networks[0]).toEqual({
    name: "front",
    id: "n1",
    address: "10.0.0.2",
  });
  expect(called(networkUsers(usage, "back"))).toEqual(["web"]);
});

test("who was made of an image: by its id, or by its name where no image has the id", () => {
  const users = imageUsers(usage, [
    { Id: "sha256:bb", RepoTags: ["busybox:latest"] },
    { Id: "sha256:index", RepoTags: ["other:latest"] },
    { Id: "sha256:none", RepoTags: null },
  ]);
  expect(called(users.get("sha256:bb"))).toEqual(["web", "rest"]);
  expect(called(users.get("sha256:index"))).toEqual(["bare"]);
  expect(users.has("sha256:none")).toBe(false);
});
