import { expect, test } from "vitest";
import { filterChanges, namedChanges } from "./file-changes.ts";

const { changes, counts } = namedChanges([
  { Path: "/tmp/b", Kind: 1 },
  { Path: "/etc", Kind: 0 },
  { Path: "/tmp/A", Kind: 1 },
  { Path: "/gone", Kind: 2 },
]);

test("changes are named, counted and in order", () => {
  expect(counts).toEqual({ changed: 1, added: 2, deleted: 1 });
  expect(changes.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
    "changed /etc",
    "deleted /gone",
    "added /tmp/A",
    "added /tmp/b",
  ]);
});

test("filtered by kind and text", () => {
  expect(filterChanges(changes, " TMP/a ", "")).toHaveLength(1);
  expect(filterChanges(changes, "", "deleted").map(({ path }) => path)).toEqual(["/gone"]);
  expect(filterChanges(changes, "etc", "added")).toEqual([]);
});
