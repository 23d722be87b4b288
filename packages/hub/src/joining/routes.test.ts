import { createHash } from "node:crypto";
import type { CreatedEnvironment, CreatedJoinKey, Environment, Joined, JoinKey } from "@fairlead/protocol/rest";
import {
  CreatedEnvironmentSchema,
  CreatedJoinKeySchema,
  JoinedSchema,
  JoinKeyListSchema,
} from "@fairlead/protocol/rest";
import { makeTestCertificates } from "@fairlead/testkit";
import type { LightMyRequestResponse } from "fastify";
import { Value } from "typebox/value";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hashAgentToken } from "../agents/agent-token.ts";
import { type AppFixture, appFixture } from "../http/app-fixture.ts";
import { keyFingerprint, newJoinKey } from "./join-key.ts";

let hub: AppFixture;
beforeEach(async () => {
  hub = await appFixture();
});
afterEach(() => hub.stop());

const JOIN_KEY = /^flj_[A-Za-z0-9_-]{43}$/;
const KEYS = "/api/v1/environments/web-1/join-key";

async function call(method: "GET" | "POST" | "DELETE", url: string, payload?: object): Promise<LightMyRequestResponse> {
  return await hub.request({ method, url, ...(payload === undefined ? {} : { payload }) });
}

async function add(input: object = {}): Promise<CreatedEnvironment> {
  const response = await call("POST", "/api/v1/environments", { name: "web-1", ...input });
  expect(response.statusCode, response.body).toBe(201);
  expect(Value.Errors(CreatedEnvironmentSchema, response.json())).toEqual([]);
  return response.json();
}

async function newKey(ttlSeconds?: number): Promise<CreatedJoinKey> {
  const response = await call("POST", KEYS, ttlSeconds === undefined ? {} : { ttlSeconds });
  expect(response.statusCode, response.body).toBe(201);
  expect(Value.Errors(CreatedJoinKeySchema, response.json())).toEqual([]);
  return response.json();
}

/** As an agent does: without an API token. */
function join(
  joinKey: string,
  agentId = "a-1",
  remoteAddress = "192.0.2.1",
  attempt?: string,
): Promise<LightMyRequestResponse> {
  const payload = { joinKey, agentId, agentName: "box", hostname: "box.local", attempt };
  return hub.request({ method: "POST", url: "/api/v1/agents/join", headers: {}, payload, remoteAddress });
}

async function joined(joinKey: string, agentId?: string): Promise<Joined> {
  const response = await join(joinKey, agentId);
  expect(response.statusCode, response.body).toBe(200);
  expect(Value.Errors(JoinedSchema, response.json())).toEqual([]);
  return response.json();
}

async function keys(): Promise<JoinKey[]> {
  const response = await call("GET", KEYS);
  expect(Value.Errors(JoinKeyListSchema, response.json())).toEqual([]);
  return response.json<{ items: JoinKey[] }>().items;
}

/** The environment whose agent this token lets in. */
async function owner(token: string): Promise<{ environment_id: number; revoked_at: number | null } | undefined> {
  return await hub.db
    .selectFrom("agent_tokens")
    .select(["environment_id", "revoked_at"])
    .where("hash", "=", hashAgentToken(token))
    .executeTakeFirst();
}

describe("a join key", () => {
  test("is 256 random bits, kept as their hash alone, and lasts an hour", async () => {
    await add();
    const before = Date.now();
    const { joinKey, expiresAt } = await newKey();
    expect(joinKey).toMatch(JOIN_KEY);
    expect(Date.parse(expiresAt) - before).toBeGreaterThanOrEqual(3_600_000);
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(3_600_000);
    const rows = await hub.db.selectFrom("join_keys").selectAll().execute();
    expect(rows).toMatchObject([{ hash: createHash("sha256").update(joinKey).digest("hex"), used_at: null }]);
    expect((await newKey()).joinKey).not.toBe(joinKey);
    expect((await call("GET", KEYS)).body).not.toContain(joinKey.slice(4));
  });

  test("comes with a new environment where it is asked for, beside the token that scripts know", async () => {
    const created = await add({ joinKeyTtlSeconds: 600 });
    expect(created.joinKey).toMatch(JOIN_KEY);
    expect(created.agentToken).toMatch(/^fla_/);
    expect(Date.parse(created.joinKeyExpiresAt ?? "") - Date.now()).toBeLessThanOrEqual(600_000);
    expect(await add({ name: "web-2" })).not.toHaveProperty("joinKey");
    const socket = { name: "s", kind: "socket", address: "/s", joinKeyTtlSeconds: 600 };
    const refused = await call("POST", "/api/v1/environments", socket);
    expect(refused.json()).toMatchObject({ code: "bad_request", details: { field: "joinKeyTtlSeconds" } });
  });

  test("is for edge environments, and for a week at most", async () => {
    await add();
    await add({ name: "s", kind: "socket", address: "/s" });
    const url = "/api/v1/environments/s/join-key";
    for (const method of ["POST", "GET", "DELETE"] as const) {
      const response = await call(method, url, method === "POST" ? {} : undefined);
      expect(response.json()).toMatchObject({ code: "conflict" });
    }
    expect((await newKey(7 * 24 * 3600)).joinKey).toMatch(JOIN_KEY);
    for (const ttlSeconds of [0, 7 * 24 * 3600 + 1, 1.5, "1"]) {
      expect((await call("POST", KEYS, { ttlSeconds })).statusCode, String(ttlSeconds)).toBe(400);
    }
  });

  test("carries the fingerprint of the hub's own key, which is no part of the secret", async () => {
    await using certificates = await makeTestCertificates();
    const fingerprint = keyFingerprint(certificates.cert);
    expect(newJoinKey(fingerprint)).toMatch(/^flj_[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{43}$/);
    await using others = await makeTestCertificates();
    expect(keyFingerprint(others.cert)).not.toBe(fingerprint);
    await add();
    const { joinKey } = await newKey();
    await joined(`${joinKey}.${fingerprint}`);
  });
});

describe("joining", () => {
  test("gives the agent a token of its own, and ends those before with their connections", async () => {
    const { agentToken = "", environment } = await add();
    const { joinKey } = await newKey();
    const answer = await joined(joinKey);
    expect(answer).toEqual({
      token: expect.stringMatching(/^fla_[A-Za-z0-9_-]{43}$/) as string,
      environment: { id: environment.id, name: "web-1" },
    });
    expect(await owner(answer.token)).toEqual({ environment_id: environment.id, revoked_at: null });
    expect((await owner(agentToken))?.revoked_at).toEqual(expect.any(Number));
    expect(hub.closedTokens).toHaveLength(1);
    const shown = (await call("GET", "/api/v1/environments/web-1")).json<Environment>();
    expect(shown.agentToken).toMatchObject({ revokedAt: null, lastUsedAt: null });
  });

  test("works once", async () => {
    await add();
    const { joinKey } = await newKey();
    const { token } = await joined(joinKey);
    const again = await join(joinKey, "a-2");
    expect(again.statusCode).toBe(401);
    expect(again.json()).toMatchObject({ code: "join_key_used" });
    expect(again.body).not.toContain("box");
    expect((await owner(token))?.revoked_at).toBeNull();
    expect(await keys()).toMatchObject([
      {
        state: "used",
        usedBy: { agentId: "a-1", agentName: "box", hostname: "box.local", address: "192.0.2.1" },
      },
    ]);
  });

  test("whose answer was lost may be asked for again, by who asked first, until its token is used or over", async () => {
    await add();
    const { joinKey } = await newKey();
    const [attempt, another] = ["a".repeat(43), "b".repeat(43)];
    const again = async (secret?: string) => (await join(joinKey, "a-1", "192.0.2.1", secret)).json<Joined>();
    const first = await again(attempt);
    expect(await again(another)).toMatchObject({ code: "join_key_used" });
    expect(await again()).toMatchObject({ code: "join_key_used" });
    const second = await again(attempt);
    expect(second.token).toMatch(/^fla_/);
    expect((await owner(first.token))?.revoked_at).toEqual(expect.any(Number));
    expect((await owner(second.token))?.revoked_at).toBeNull();
    await hub.db.updateTable("agent_tokens").set({ last_used_at: 1 }).where("revoked_at", "is", null).execute();
    expect(await again(attempt)).toMatchObject({ code: "join_key_used" });
    const other = await newKey();
    await join(other.joinKey, "a-1", "192.0.2.1", attempt);
    await call("DELETE", "/api/v1/environments/web-1/token");
    expect((await join(other.joinKey, "a-1", "192.0.2.1", attempt)).json()).toMatchObject({ code: "join_key_used" });
    const text = JSON.stringify(await hub.db.selectFrom("join_keys").selectAll().execute());
    expect(text).not.toContain(attempt);
  });

  test("of many at once with one key succeeds for one, and its token is the one that holds", async () => {
    await add();
    const { joinKey } = await newKey();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => join(joinKey, `a-${index}`, `192.0.2.${index}`)),
    );
    const codes = answers.map((answer) =>
      answer.statusCode === 200 ? "joined" : answer.json<{ code: string }>().code,
    );
    expect(codes.toSorted()).toEqual(["joined", ...Array.from({ length: 11 }, () => "join_key_used")].toSorted());
    const valid = await hub.db.selectFrom("agent_tokens").selectAll().where("revoked_at", "is", null).execute();
    const winner = answers.find(({ statusCode }) => statusCode === 200)?.json<Joined>();
    expect(valid.map(({ hash }) => hash)).toEqual([hashAgentToken(winner?.token ?? "")]);
  });

  test("is refused when the key is over, revoked, unknown, or its environment is gone", async () => {
    await add();
    const expired = await newKey();
    const past = Date.now() - 1;
    await hub.db.updateTable("join_keys").set({ expires_at: past }).execute();
    expect((await join(expired.joinKey)).json()).toMatchObject({ code: "join_key_expired" });
    expect(await keys()).toMatchObject([{ state: "expired" }]);
    const revoked = await newKey();
    expect((await call("DELETE", KEYS)).statusCode).toBe(204);
    expect((await join(revoked.joinKey)).json()).toMatchObject({ code: "join_key_invalid" });
    expect((await keys())[0]).toMatchObject({ state: "revoked", usedBy: null });
    expect((await join(newJoinKey(undefined))).json()).toMatchObject({ code: "join_key_invalid" });
    const orphan = await newKey();
    await call("DELETE", "/api/v1/environments/web-1");
    expect((await join(orphan.joinKey)).json()).toMatchObject({ code: "join_key_invalid" });
    expect(await hub.db.selectFrom("agent_tokens").selectAll().execute()).toEqual([]);
  });

  test("with a key from before a revocation is refused, with a new one it brings the environment back", async () => {
    const { environment } = await add();
    const open = await newKey();
    await call("DELETE", "/api/v1/environments/web-1/token");
    expect((await join(open.joinKey)).json()).toMatchObject({ code: "join_key_invalid" });
    const { token } = await joined((await newKey()).joinKey);
    expect(await owner(token)).toEqual({ environment_id: environment.id, revoked_at: null });
  });

  test("with wrong keys is limited by address, and hurts no other", async () => {
    await add();
    const { joinKey } = await newKey();
    const codes: string[] = [];
    for (let tries = 0; tries < 25; tries += 1) codes.push((await join(newJoinKey(undefined))).json().code);
    expect(codes.indexOf("rate_limited")).toBe(20);
    const limited = await join(joinKey);
    expect(limited.statusCode).toBe(429);
    expect(Number(limited.headers["retry-after"])).toBeGreaterThan(0);
    expect((await join(joinKey, "a-1", "192.0.2.2")).statusCode).toBe(200);
  });

  test("names the field that is missing or too long, and tells nobody what the key was", async () => {
    const headers = {};
    const url = "/api/v1/agents/join";
    const missing = await hub.request({ method: "POST", url, headers, payload: { joinKey: "flj_secret" } });
    expect(missing.statusCode).toBe(400);
    expect(missing.body).not.toContain("flj_secret");
    const payload = { joinKey: "x", agentId: "a", agentName: "n", hostname: "h".repeat(300) };
    expect((await hub.request({ method: "POST", url, headers, payload })).statusCode).toBe(400);
    const large = { ...payload, hostname: "h".repeat(20_000) };
    expect((await hub.request({ method: "POST", url, headers, payload: large })).statusCode).toBe(413);
  });
});

describe("keys of one environment", () => {
  test("may be several, ten at most, and the last ended ones are remembered", async () => {
    await add();
    const first = await newKey();
    for (let count = 0; count < 30; count += 1) await joined((await newKey()).joinKey);
    expect(await keys()).toHaveLength(12);
    for (let count = 0; count < 9; count += 1) await newKey();
    expect((await call("POST", KEYS, {})).json()).toMatchObject({ code: "conflict" });
    await joined(first.joinKey);
    await newKey();
  });
});
