import type { Permission } from "@fairlead/protocol";
import { expect, test } from "vitest";
import { type Caller, type Grant, type GrantScope, may } from "./caller.ts";

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

const web = { id: 1, labels: { tier: "web" } };
const db = { id: 2, labels: { tier: "db" } };

test("a grant holds where its scope says, and nowhere else", () => {
  const one = caller([grant({ type: "environment", environmentId: 1 }, "container.start")]);
  expect([may(one, "container.start", web), may(one, "container.start", db)]).toEqual([true, false]);
  expect([may(one, "container.stop", web), may(one, "container.start")]).toEqual([false, false]);

  const label = caller([grant({ type: "label", name: "tier", value: "db" }, "container.start")]);
  expect([may(label, "container.start", web), may(label, "container.start", db)]).toEqual([false, true]);
  const inherited = caller([grant({ type: "label", name: "toString", value: "x" }, "container.start")]);
  expect(may(inherited, "container.start", web)).toBe(false);

  const all = caller([grant({ type: "all" }, "container.start", "environment.create")]);
  expect([may(all, "container.start", db), may(all, "environment.create")]).toEqual([true, true]);
});

test("a token does no more than its owner may, and no more than it was made for", () => {
  const narrow = caller(
    [grant({ type: "all" }, "container.start", "container.stop")],
    [grant({ type: "environment", environmentId: 1 }, "container.start", "container.remove")],
  );
  expect(may(narrow, "container.start", web)).toBe(true);
  expect(may(narrow, "container.start", db)).toBe(false);
  expect(may(narrow, "container.stop", web)).toBe(false);
  expect(may(narrow, "container.remove", web)).toBe(false);
});
