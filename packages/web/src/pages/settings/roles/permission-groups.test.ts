import { PERMISSIONS } from "@fairlead/protocol";
import { expect, test } from "vitest";
import { groupsOf, PERMISSION_GROUPS } from "./permission-groups.ts";

test("every permission stands in one group", () => {
  expect(PERMISSION_GROUPS.flatMap(({ permissions }) => permissions).toSorted()).toEqual(
    Object.keys(PERMISSIONS).toSorted(),
  );
});

test("of a role the groups show what it holds, in the order of the table", () => {
  expect(groupsOf(["image.pull", "container.stop", "container.start"])).toEqual([
    { thing: "container", permissions: ["container.start", "container.stop"] },
    { thing: "image", permissions: ["image.pull"] },
  ]);
  expect(groupsOf([])).toEqual([]);
});
