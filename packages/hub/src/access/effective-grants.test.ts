import { ENVIRONMENT_PERMISSIONS, type Permission, PERMISSIONS } from "@fairlead/protocol";
import type { EffectiveGrant } from "@fairlead/protocol/rest";
import { describe, expect, test } from "vitest";
import { ALL_PERMISSIONS, BUILT_IN_ROLES } from "./built-in-roles.ts";
import { type Caller, type Grant, type GrantScope, may } from "./caller.ts";
import { effectiveGrants } from "./effective-grants.ts";

const ALL: GrantScope = { type: "all" };
const label = (name: string, value: string): GrantScope => ({ type: "label", name, value });
const only = (environmentId: number): GrantScope => ({ type: "environment", environmentId });
const grant = (scope: GrantScope, ...permissions: Permission[]): Grant => ({
  scope,
  permissions: new Set(permissions),
});
const caller = (grants: Grant[], limits?: Grant[]): Caller => ({
  kind: "token",
  id: "1",
  name: "test",
  personId: null,
  expiresAt: null,
  grants,
  ...(limits ? { limits } : {}),
});

const ENVIRONMENTS = [
  { id: 1, labels: { tier: "web", site: "attic" } },
  { id: 2, labels: { tier: "web" } },
  { id: 3, labels: { site: "attic" } },
];

test("who may everything has one grant with every permission", () => {
  const admin: Grant = { permissions: ALL_PERMISSIONS, scope: ALL };
  const expected = [{ permissions: Object.keys(PERMISSIONS), scope: ALL }];
  expect(effectiveGrants(caller([admin]), [])).toEqual(expected);
  expect(effectiveGrants(caller([admin], [grant(ALL, "environment.view"), admin]), [])).toEqual(expected);
});

test("each place is told once, and permissions of the hub only for everywhere", () => {
  const admin = { permissions: BUILT_IN_ROLES.get("admin") ?? new Set<Permission>(), scope: only(2) };
  expect(
    effectiveGrants(caller([grant(ALL, "audit.view"), grant(ALL, "audit.view", "role.manage"), admin]), []),
  ).toEqual([
    { permissions: ["audit.view", "role.manage"], scope: ALL },
    { permissions: Object.keys(ENVIRONMENT_PERMISSIONS), scope: only(2) },
  ]);
  expect(effectiveGrants(caller([grant(only(1), "audit.view")]), [])).toEqual([]);
});

describe("of a token what its owner may, too", () => {
  const web = label("tier", "web");
  const attic = label("site", "attic");
  const cases: [string, Grant[], Grant[], EffectiveGrant[]][] = [
    [
      "everywhere and by label",
      [grant(ALL, "container.start", "container.stop")],
      [grant(web, "container.start", "container.remove")],
      [{ permissions: ["container.start"], scope: web }],
    ],
    [
      "by the same label",
      [grant(web, "container.start")],
      [grant(web, "container.start")],
      [{ permissions: ["container.start"], scope: web }],
    ],
    [
      "by two labels",
      [grant(web, "container.start")],
      [grant(attic, "container.start")],
      [{ permissions: ["container.start"], scope: only(1) }],
    ],
    [
      "by label and on one environment",
      [grant(web, "container.start")],
      [grant(only(2), "container.start"), grant(only(3), "container.start")],
      [{ permissions: ["container.start"], scope: only(2) }],
    ],
    ["without an owner's right", [grant(ALL, "container.start")], [], []],
  ];

  test.each(cases)("%s", (_name, own, limits, expected) => {
    expect(effectiveGrants(caller(own, limits), ENVIRONMENTS)).toEqual(expected);
  });

  test.each(cases)("%s: it says what the gate does", (_name, own, limits) => {
    const told = caller(
      effectiveGrants(caller(own, limits), ENVIRONMENTS).map(({ permissions, scope }) => grant(scope, ...permissions)),
    );
    for (const environment of [...ENVIRONMENTS, undefined]) {
      for (const permission of ALL_PERMISSIONS) {
        expect(may(told, permission, environment)).toBe(may(caller(own, limits), permission, environment));
      }
    }
  });
});
