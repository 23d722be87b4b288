import { tempDir } from "@fairlead/testkit";
import type { Permission } from "@fairlead/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDatabase } from "../database/open.ts";
import { ALL_PERMISSIONS } from "./built-in-roles.ts";
import { type Caller, type GrantScope, may } from "./caller.ts";
import { Access } from "./service.ts";
import { AccessStore } from "./store.ts";

const ALL = { type: "all" } as const;
let access: Access;
let reopen: () => Promise<Access>;
let stop: () => Promise<void>;

beforeEach(async () => {
  const folder = await tempDir();
  const { db, close } = await openDatabase(folder.path);
  reopen = async () => {
    const made = new Access(new AccessStore(db));
    await made.start();
    return made;
  };
  access = await reopen();
  stop = async () => {
    await close();
    await folder.stop();
  };
});
afterEach(() => stop());

const caller = (permissions: Iterable<Permission>, scope: GrantScope = ALL): Caller => ({
  kind: "person",
  id: "1",
  name: "ada@example.org",
  personId: "1",
  expiresAt: null,
  grants: [{ permissions: new Set(permissions), scope }],
});
const admin = caller(ALL_PERMISSIONS);

async function codeOf(doing: Promise<unknown>): Promise<string> {
  return await doing.then(
    () => "done",
    (error: { code: string }) => error.code,
  );
}

describe("roles", () => {
  test("viewer, operator and admin are there, and nobody changes them", async () => {
    expect(access.roles().map(({ name }) => name)).toEqual(["viewer", "operator", "admin"]);
    expect(await codeOf(access.createRole(admin, { name: "viewer", permissions: [] }))).toBe("conflict");
    expect(await codeOf(access.updateRole(admin, "admin", []))).toBe("conflict");
    expect(await codeOf(access.removeRole("operator", false))).toBe("conflict");
  });

  test("one that people make is kept, changed for all who hold it, and removed when nobody does", async () => {
    await access.createRole(admin, { name: "restarter", permissions: ["container.restart"] });
    expect(await codeOf(access.createRole(admin, { name: "restarter", permissions: [] }))).toBe("conflict");
    await access.bind(admin, "p", [{ role: "restarter", scope: ALL }]);
    const changes: unknown[] = [];
    access.onChange((personId) => changes.push(personId));
    await access.updateRole(admin, "restarter", ["container.stop"]);
    expect(changes).toEqual([undefined]);

    const again = await reopen();
    expect(again.grantsOf("p")).toEqual([{ permissions: new Set(["container.stop"]), scope: ALL }]);
    expect(await codeOf(again.removeRole("restarter", false))).toBe("conflict");
    await again.bind(admin, "p", []);
    expect(await codeOf(again.removeRole("restarter", true))).toBe("conflict");
    await again.removeRole("restarter", false);
    expect(await codeOf(again.updateRole(admin, "restarter", []))).toBe("not_found");
  });

  test("nobody makes one with more than they have, or have everywhere", async () => {
    const operator = caller(["role.manage", "container.start"]);
    expect(await codeOf(access.createRole(operator, { name: "a", permissions: ["container.start"] }))).toBe("done");
    expect(await codeOf(access.createRole(operator, { name: "b", permissions: ["container.exec"] }))).toBe("forbidden");
    expect(await codeOf(access.updateRole(operator, "a", ["container.exec"]))).toBe("forbidden");
    const local = caller(["container.start"], { type: "environment", environmentId: 1 });
    expect(await codeOf(access.createRole(local, { name: "c", permissions: ["container.start"] }))).toBe("forbidden");
  });
});

describe("bindings", () => {
  test("a person holds what was given and what the provider's groups say, each replaced on its own", async () => {
    await access.bind(undefined, "p", [{ role: "viewer", scope: ALL }], "provider");
    await access.bind(admin, "p", [{ role: "operator", scope: { type: "label", name: "tier", value: "web" } }]);
    expect(access.bindingsOf("p").map(({ role }) => role)).toEqual(["viewer", "operator"]);
    const changes: unknown[] = [];
    access.onChange((personId) => changes.push(personId));
    await access.bind(undefined, "p", [{ role: "viewer", scope: ALL }], "provider");
    expect(changes).toEqual([]);
    await access.bind(undefined, "p", [], "provider");
    expect(changes).toEqual(["p"]);
    expect(access.bindingsOf("p").map(({ role }) => role)).toEqual(["operator"]);
    const holder: Caller = { ...admin, grants: access.grantsOf("p") };
    expect(may(holder, "container.start", { id: 1, labels: { tier: "web" } })).toBe(true);
    expect(may(holder, "container.start", { id: 1, labels: { tier: "db" } })).toBe(false);
    await access.removePerson("p");
    expect(access.grantsOf("p")).toEqual([]);
    expect(access.grantsOf("nobody")).toEqual([]);
  });

  test("nobody gives more than they have", async () => {
    const local = caller(ALL_PERMISSIONS, { type: "environment", environmentId: 1 });
    const give = (scope: GrantScope) => codeOf(access.bind(local, "p", [{ role: "admin", scope }]));
    expect(await give({ type: "environment", environmentId: 1 })).toBe("done");
    expect(await give({ type: "environment", environmentId: 2 })).toBe("forbidden");
    expect(await give(ALL)).toBe("forbidden");
    expect(await codeOf(access.bind(admin, "p", [{ role: "king", scope: ALL }]))).toBe("bad_request");
  });
});
