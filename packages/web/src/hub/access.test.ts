import type { Permission } from "@fairlead/protocol";
import type { Me } from "@fairlead/protocol/rest";
import { describe, expect, test } from "vitest";
import { allowance, holds, policyAllows } from "./access.ts";

const attic = { id: 7, name: "attic", labels: { site: "home" }, agent: null };
const grants = (scope: Me["grants"][number]["scope"], ...permissions: Permission[]): Me["grants"] => [
  { permissions, scope },
];

describe("a permission", () => {
  test.each([
    [grants({ type: "all" }, "container.start"), true],
    [grants({ type: "all" }, "container.stop"), false],
    [grants({ type: "environment", environmentId: 7 }, "container.start"), true],
    [grants({ type: "environment", environmentId: 8 }, "container.start"), false],
    [grants({ type: "label", name: "site", value: "home" }, "container.start"), true],
    [grants({ type: "label", name: "site", value: "work" }, "container.start"), false],
    // Not a label of its own.
    [grants({ type: "label", name: "constructor", value: "x" }, "container.start"), false],
    [[], false],
  ])("is held or not: %j", (given, expected) => expect(holds(given, "container.start", attic)).toBe(expected));

  test("on the hub itself is held everywhere only", () => {
    expect(holds(grants({ type: "all" }, "audit.view"), "audit.view")).toBe(true);
    expect(holds(grants({ type: "environment", environmentId: 7 }, "audit.view"), "audit.view")).toBe(false);
  });
});

test("what is refused says what it needs and where", () => {
  expect(allowance({ grants: [] }, "container.stop", attic)).toEqual({
    allowed: false,
    reason: "You may not: it needs container.stop on attic. An admin can give it to you.",
  });
  expect(allowance({ grants: grants({ type: "all" }, "container.stop") }, "container.stop", attic)).toEqual({
    allowed: true,
  });
});

test.each([
  ["read-only", "container.logs", true],
  ["read-only", "container.stop", false],
  ["read-only", "container.exec", false],
  ["no-exec", "container.stop", true],
  ["no-exec", "container.exec", false],
  ["no-exec", "container.attach", false],
  ["file:edge.yaml", "container.exec", true],
  [null, "container.exec", true],
] as const)("policy %s and %s", (policy, permission, expected) => {
  expect(policyAllows(policy, permission).allowed).toBe(expected);
});
