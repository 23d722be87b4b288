import { expect, test } from "vitest";
import type { ContainerRow } from "../../hub/containers.ts";
import { resolveContainer } from "./resolve-container.ts";

const row = (environmentId: number, id: string, name: string): ContainerRow => ({
  key: `${environmentId}/${id}`,
  environmentId,
  environmentName: "attic",
  name,
  toldAt: 0,
  container: {
    Id: id,
    Names: [`/${name}`],
    Image: "",
    ImageID: "",
    Command: "",
    Created: 0,
    State: "running",
    Status: "",
    Ports: [],
    Labels: {},
  },
});

const rows = [
  row(1, "abcd1111", "web"),
  row(1, "abcd2222", "db"),
  row(1, "ef012345", "abcd"),
  row(2, "99990000", "far"),
];

test.each([
  ["abcd1111", "web"],
  ["web", "web"],
  ["ef01", "abcd"],
  // A name goes before the start of an id.
  ["abcd", "abcd"],
  ["abcd2", "db"],
])("%s is %s", (ref, name) => {
  expect(resolveContainer(rows, 1, ref)?.name).toBe(name);
});

test.each(["far", "abc", "", "nothing", "99990000"])("%j is none", (ref) => {
  expect(resolveContainer(rows, 1, ref)).toBeUndefined();
});

test("the start of two ids is neither", () => {
  expect(resolveContainer([row(1, "abcd1111", "web"), row(1, "abcd2222", "db")], 1, "abcd")).toBeUndefined();
});
