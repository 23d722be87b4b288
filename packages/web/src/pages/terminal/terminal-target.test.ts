import { expect, test } from "vitest";
import type { ContainerRow } from "../../hub/containers.ts";
import { findTarget } from "./terminal-target.ts";

const row = (environmentId: number, environmentName: string, name: string, id: string): ContainerRow => ({
  key: `${environmentId}/${id}`,
  environmentId,
  environmentName,
  name,
  toldAt: 0,
  container: { Id: id, Names: [`/${name}`], State: "running", Status: "Up" } as ContainerRow["container"],
});
const rows = [
  row(1, "attic", "web", "0123456789abcdef"),
  row(1, "attic", "0123", "ffff"),
  row(2, "cellar", "web", "abcdef012345"),
];

test("an address names a container by names or ids", () => {
  expect(findTarget(rows, "attic", "web")).toBe(rows[0]);
  expect(findTarget(rows, "2", "web")).toBe(rows[2]);
  expect(findTarget(rows, "cellar", "abcdef01")).toBe(rows[2]);
  // A name goes before an id.
  expect(findTarget(rows, "attic", "0123")).toBe(rows[1]);
  expect(findTarget(rows, "cellar", "0123")).toBeUndefined();
  expect(findTarget(rows, "attic", "we")).toBeUndefined();
});
