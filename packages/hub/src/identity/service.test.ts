import { createHash } from "node:crypto";
import { tempDir } from "@fairlead/testkit";
import { expect, test, vi } from "vitest";
import { may } from "../access/caller.ts";
import { Access } from "../access/service.ts";
import { AccessStore } from "../access/store.ts";
import { openDatabase } from "../database/open.ts";
import type { Database } from "../database/schema.ts";
import { ApiTokens } from "./service.ts";
import { ApiTokenStore } from "./store.ts";
import { silentLog } from "../database/database-fixture.ts";

interface Fixture extends AsyncDisposable {
  readonly db: Database;
  readonly tokens: ApiTokens;
  readonly access: Access;
}

async function fixture(): Promise<Fixture> {
  const folder = await tempDir();
  const { db, close } = await openDatabase(folder.path);
  const access = new Access(new AccessStore(db));
  await access.start();
  const tokens = new ApiTokens(new ApiTokenStore(db), access, silentLog);
  return {
    db,
    tokens,
    access,
    async [Symbol.asyncDispose]() {
      await tokens.stop();
      await close();
      await folder.stop();
    },
  };
}

test("a token is 256 random bits, and only its SHA-256 is stored", async () => {
  await using hub = await fixture();
  const { secret, token } = await hub.tokens.create({ name: "ci" });
  expect(secret).toMatch(/^fl_[A-Za-z0-9_-]{43}$/);
  expect(token).toMatchObject({ name: "ci", expiresAt: null, lastUsedAt: null });
  const [row] = await hub.db.selectFrom("api_tokens").selectAll().execute();
  expect(row?.hash).toBe(createHash("sha256").update(secret).digest("hex"));
  expect(JSON.stringify(row)).not.toContain(secret);
  expect(await hub.tokens.authenticate(secret)).toMatchObject({ kind: "token", id: String(token.id), name: "ci" });
  expect(await hub.tokens.authenticate(`${secret}x`)).toBeUndefined();
  expect(await hub.tokens.authenticate("")).toBeUndefined();
});

test("a token that was used lets nobody in once it is revoked", async () => {
  await using hub = await fixture();
  const { secret, token } = await hub.tokens.create({ name: "ci" });
  await hub.tokens.authenticate(secret);
  expect(hub.tokens.isKnownGood(secret)).toBe(true);
  await hub.tokens.revoke(token.id);
  expect(hub.tokens.isKnownGood(secret)).toBe(false);
  expect(await hub.tokens.authenticate(secret)).toBeUndefined();
  await expect(hub.tokens.revoke(token.id)).rejects.toMatchObject({ code: "not_found" });
});

test("a token ends when it expires, also while it is remembered", async () => {
  await using hub = await fixture();
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  const { secret } = await hub.tokens.create({ name: "ci", expiresAt });
  expect(await hub.tokens.authenticate(secret)).toBeDefined();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_001 });
  try {
    expect(hub.tokens.isKnownGood(secret)).toBe(false);
    expect(await hub.tokens.authenticate(secret)).toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});

test("names are unique, not kept ones, and ends lie in the future", async () => {
  await using hub = await fixture();
  await hub.tokens.create({ name: "ci" });
  await expect(hub.tokens.create({ name: "ci" })).rejects.toMatchObject({ code: "conflict" });
  await expect(hub.tokens.create({ name: "bootstrap" })).rejects.toMatchObject({ details: { field: "name" } });
  const past = { name: "x", expiresAt: "2020-01-01T00:00:00Z" };
  await expect(hub.tokens.create(past)).rejects.toMatchObject({ details: { field: "expiresAt" } });
});

test("many tokens all work, more than are remembered", async () => {
  await using hub = await fixture();
  const secrets: string[] = [];
  for (let count = 0; count < 1_050; count += 1) {
    secrets.push((await hub.tokens.create({ name: `t${count}` })).secret);
  }
  for (const secret of secrets) expect(await hub.tokens.authenticate(secret)).toBeDefined();
  expect(secrets.filter((secret) => hub.tokens.isKnownGood(secret))).toHaveLength(1_000);
  expect(await hub.tokens.authenticate(secrets[0] ?? "")).toBeDefined();
});

test("when a token was last used is stored, not with each use", async () => {
  await using hub = await fixture();
  const { secret, token } = await hub.tokens.create({ name: "ci" });
  const lastUsed = async (): Promise<number | null> =>
    (await hub.db.selectFrom("api_tokens").select("last_used_at").executeTakeFirstOrThrow()).last_used_at;
  const before = Date.now();
  for (let use = 0; use < 10; use += 1) await hub.tokens.authenticate(secret);
  expect(await lastUsed()).toBeNull();
  const listed = (await hub.tokens.list()).find(({ id }) => id === token.id);
  expect(Date.parse(listed?.lastUsedAt ?? "")).toBeGreaterThanOrEqual(before);
  expect(await lastUsed()).toBeGreaterThanOrEqual(before);
});

test("the bootstrap token is stored once, and a changed one takes its place", async () => {
  await using hub = await fixture();
  const names = async (): Promise<string[]> => (await hub.tokens.list()).map(({ name }) => name);
  await hub.tokens.setBootstrap("first-bootstrap-token");
  const [before] = await hub.tokens.list();
  expect(await hub.tokens.authenticate("first-bootstrap-token")).toBeDefined();
  await hub.tokens.setBootstrap("first-bootstrap-token");
  expect((await hub.tokens.list())[0]).toMatchObject({ id: before?.id, createdAt: before?.createdAt });
  await hub.tokens.setBootstrap("second-bootstrap-token");
  expect(await names()).toEqual(["bootstrap"]);
  expect(await hub.tokens.authenticate("first-bootstrap-token")).toBeUndefined();
  expect(await hub.tokens.authenticate("second-bootstrap-token")).toMatchObject({ name: "bootstrap" });
});

test("a bootstrap token that no header can carry is refused without being shown", async () => {
  await using hub = await fixture();
  const error: unknown = await hub.tokens.setBootstrap("hunter2 hunter2").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "config_invalid" });
  expect(String(error)).not.toContain("hunter2");
});

test("a hub without any token makes one, once", async () => {
  await using hub = await fixture();
  const secret = await hub.tokens.createFirst();
  expect(await hub.tokens.authenticate(secret ?? "")).toBeDefined();
  expect(await hub.tokens.createFirst()).toBeUndefined();
});

test("a token does what its grants say, and no more than its creator may", async () => {
  await using hub = await fixture();
  const scope = { type: "all" } as const;
  const { secret, token } = await hub.tokens.create({ name: "viewer", grants: [{ role: "viewer", scope }] });
  expect(token.grants).toEqual([{ role: "viewer", scope }]);
  const viewer = await hub.tokens.authenticate(secret);
  if (!viewer) throw new Error("unknown");
  expect([may(viewer, "container.view"), may(viewer, "container.start")]).toEqual([true, false]);
  // It has no narrower word to give: what it makes without grants is as narrow as it is itself.
  const made = await hub.tokens.create({ name: "made" }, viewer);
  const child = await hub.tokens.authenticate(made.secret);
  expect(child && [may(child, "container.view"), may(child, "container.start")]).toEqual([true, false]);
  const wider = { name: "wider", grants: [{ role: "operator", scope }] };
  await expect(hub.tokens.create(wider, viewer)).rejects.toMatchObject({ code: "forbidden" });
  const unknown = { name: "unknown", grants: [{ role: "king", scope }] };
  await expect(hub.tokens.create(unknown, viewer)).rejects.toMatchObject({ code: "bad_request" });
  expect(await hub.tokens.hasRole("viewer")).toBe(true);
  expect(await hub.tokens.hasRole("operator")).toBe(false);
});

test("a person's token follows the person's rights, and is seen and revoked by its owner", async () => {
  await using hub = await fixture();
  const person = { kind: "person", id: "p", personId: "p", name: "p", expiresAt: null, grants: [] } as const;
  const { secret, token } = await hub.tokens.create({ name: "of-p" }, person);
  await hub.tokens.create({ name: "of-nobody" });
  const now = async (): Promise<boolean> => {
    const caller = await hub.tokens.authenticate(secret);
    return caller !== undefined && may(caller, "container.start");
  };
  expect(await now()).toBe(false);
  await hub.access.bind(undefined, "p", [{ role: "operator", scope: { type: "all" } }]);
  expect(await now()).toBe(true);
  await hub.access.bind(undefined, "p", [{ role: "viewer", scope: { type: "all" } }]);
  expect(await now()).toBe(false);
  expect((await hub.tokens.list("p")).map(({ name }) => name)).toEqual(["of-p"]);
  await expect(hub.tokens.revoke(token.id, "q")).rejects.toMatchObject({ code: "not_found" });
  await hub.tokens.revoke(token.id, "p");
  expect(await hub.tokens.authenticate(secret)).toBeUndefined();
});

test("a token that is revoked while it is looked up lets nobody in, then or later", async () => {
  await using hub = await fixture();
  const { secret, token } = await hub.tokens.create({ name: "ci" });
  const { promise: read, resolve: hasRead } = Promise.withResolvers<void>();
  const { promise: goOn, resolve: release } = Promise.withResolvers<void>();
  class SlowStore extends ApiTokenStore {
    override async byHash(hash: string): ReturnType<ApiTokenStore["byHash"]> {
      const row = await super.byHash(hash);
      hasRead();
      await goOn;
      return row;
    }
  }
  const slow = new ApiTokens(new SlowStore(hub.db), hub.access, silentLog);
  const looking = slow.authenticate(secret);
  await read;
  await slow.revoke(token.id);
  release();
  expect(await looking).toBeUndefined();
  expect(await slow.authenticate(secret)).toBeUndefined();
  await slow.stop();
});
