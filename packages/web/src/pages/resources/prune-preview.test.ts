import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ImageSummary } from "../../docker/images.ts";
import type { Network } from "../../docker/networks.ts";
import type { UsingContainer } from "../../docker/using-container.ts";
import type { Volume } from "../../docker/volumes.ts";
import {
  comparePrune,
  freedBytes,
  listed,
  previewImages,
  previewNetworks,
  previewVolumes,
  readDeletions,
} from "./prune-preview.ts";
import { usageOf } from "./usage.ts";

const container = (name: string, of: Partial<UsingContainer> = {}): UsingContainer => ({
  id: `id of ${name}`,
  name,
  state: "running",
  imageId: "",
  imageName: "",
  volumes: [],
  networks: [],
  ...of,
});
const image = (Id: string, tags: string[], Size: number, SharedSize = -1): ImageSummary => ({
  Id,
  RepoTags: tags,
  RepoDigests: null,
  Created: 0,
  Size,
  SharedSize,
  Labels: null,
});
const volume = (Name: string, of: Partial<Volume> = {}): Volume => ({
  Name,
  Driver: "local",
  Mountpoint: "",
  Labels: null,
  Options: null,
  Scope: "local",
  ...of,
});
const network = (Name: string, of: Partial<Network> = {}): Network => ({
  Name,
  Id: `id of ${Name}`,
  Driver: "bridge",
  Scope: "local",
  Internal: false,
  Attachable: false,
  Ingress: false,
  IPAM: { Config: [{ Subnet: "10.0.0.0/24" }] },
  Labels: null,
  Options: null,
  ...of,
});
const names = ({ items }: { items: readonly { name: string }[] }): string[] => items.map(({ name }) => name);

describe("images that a prune takes", () => {
  const images = [
    image("sha256:used", ["web:1", "web:2"], 50),
    image("sha256:spare", ["api:1", "api:2"], 30),
    image("sha256:old", ["<none>:<none>"], 20),
    image("sha256:oldused", [], 10),
  ];
  const usage = usageOf([
    container("web", { imageId: "sha256:used" }),
    container("rest", { imageId: "sha256:oldused", state: "exited" }),
  ]);

  test("are those without a name, where nobody uses them", () => {
    const preview = previewImages(images, usage, false);
    expect(preview.items.map(({ id }) => id)).toEqual(["sha256:old"]);
    expect(preview.warnings).toEqual([]);
  });

  test("or all that nobody uses, and names of what is in use", () => {
    const preview = previewImages(images, usage, true);
    expect(names(preview)).toEqual(["api:1, api:2", "<none>"]);
    expect(preview.warnings).toEqual([expect.stringContaining("web:1")]);
  });

  test("free their own layers at least, and all of their size at most", () => {
    const { items } = previewImages(images, usage, true, [
      image("sha256:spare", [], 30, 25),
      image("sha256:old", [], 20, 20),
    ]);
    expect(freedBytes(items)).toEqual({ atLeast: 5, atMost: 50 });
    expect(freedBytes(previewImages(images, usage, true).items)).toEqual({ atMost: 50 });
  });

  test("are told apart from what really went", () => {
    const preview = previewImages(images, usage, true);
    const { removed, untagged } = readDeletions([
      { Untagged: "api:1" },
      { Untagged: "api:2" },
      { Untagged: "web:1" },
      { Deleted: "sha256:spare" },
      { Deleted: "sha256:a-layer" },
      { Deleted: "sha256:oldused" },
    ]);
    const { stayed, also } = comparePrune(preview, { removed, untagged, freedBytes: 30 });
    expect(stayed.map(({ id }) => id)).toEqual(["sha256:old"]);
    expect(also).toEqual(["<none>", "the name web:1"]);
  });

  test("are never in use, whatever the host holds", () => {
    const some = fc.array(fc.record({ id: fc.nat(20), used: fc.boolean(), tags: fc.nat(2) }), { maxLength: 20 });
    fc.assert(
      fc.property(some, fc.boolean(), (entries, all) => {
        const list = entries.map(({ id, tags }) =>
          image(
            `${id}`,
            Array.from({ length: tags }, (_, n) => `i${id}:${n}`),
            1,
          ),
        );
        const users = usageOf(entries.filter(({ used }) => used).map(({ id }) => container("c", { imageId: `${id}` })));
        const { items } = previewImages(list, users, all);
        for (const { id } of items) expect(users.byImageId.has(id)).toBe(false);
        if (!all) for (const { name } of items) expect(name).toBe("<none>");
      }),
    );
  });
});

describe("volumes that a prune takes", () => {
  const ANONYMOUS = "ab".repeat(32);
  const volumes = [
    volume("data"),
    volume("cache"),
    volume(ANONYMOUS),
    volume("marked", { Labels: { "com.docker.volume.anonymous": "" } }),
    volume("remote", { Driver: "nfs" }),
  ];
  const usage = usageOf([container("web", { volumes: ["data", "data"], state: "exited" })]);

  test("are anonymous and unused", () => {
    expect(previewVolumes(volumes, usage, false).items.map(({ id }) => id)).toEqual([ANONYMOUS, "marked"]);
  });

  test("or all unused of the engine's driver", () => {
    const preview = previewVolumes(volumes, usage, true, [volume("cache", { UsageData: { Size: 7, RefCount: 0 } })]);
    expect(preview.items.map(({ id }) => id)).toEqual(["cache", ANONYMOUS, "marked"]);
    expect(preview.warnings).toEqual([expect.stringContaining('"local" only')]);
    expect(freedBytes(preview.items)).toEqual({});
    expect(freedBytes(preview.items.slice(0, 1))).toEqual({ atLeast: 7, atMost: 7 });
  });
});

test("networks that a prune takes are those without running containers, even where stopped ones need them", () => {
  const on = (...networks: string[]): Partial<UsingContainer> => ({
    networks: networks.map((name) => ({ name, id: "", address: "" })),
  });
  const usage = usageOf([
    container("web", on("front")),
    container("napping", { ...on("paused"), state: "paused" }),
    container("rest", { ...on("back", "front"), state: "exited" }),
  ]);
  const list = ["bridge", "host", "none", "front", "back", "paused", "lonely"].map((name) => network(name));
  const preview = previewNetworks(
    [...list, network("ingress", { Ingress: true }), network("mesh", { Scope: "swarm" })],
    usage,
  );
  expect(names(preview)).toEqual(["back", "lonely", "mesh"]);
  expect(preview.warnings).toEqual([
    expect.stringContaining("back goes although rest belongs"),
    expect.stringContaining("mesh stays if"),
  ]);
  const outcome = { removed: ["back", "lonely", "front"], untagged: [] };
  expect(comparePrune(preview, outcome)).toEqual({ stayed: [preview.items[2]], also: ["front"] });
});

test.each([
  [[], ""],
  [["a"], "a"],
  [["a", "b"], "a and b"],
  [["a", "b", "c"], "a, b and c"],
  [["a", "b", "c", "d", "e", "f", "g"], "a, b, c, d, e and 2 more"],
])("%j listed", (given, expected) => expect(listed(given)).toBe(expected));
