import {
  type CreatedEnvironment,
  CreatedEnvironmentSchema,
  type Environment,
  EnvironmentListSchema,
  EnvironmentSchema,
  type RotatedToken,
  RotatedTokenSchema,
} from "@fairlead/protocol/rest";
import type { LightMyRequestResponse } from "fastify";
import { Value } from "typebox/value";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AppFixture, appFixture } from "../http/app-fixture.ts";
import type { EnvironmentChange } from "./record.ts";

let hub: AppFixture;
let changes: EnvironmentChange[];
beforeEach(async () => {
  hub = await appFixture();
  changes = [];
  hub.environments.onChange((change) => changes.push(change));
});
afterEach(() => hub.stop());

const URL = "/api/v1/environments";
type Method = "GET" | "POST" | "PATCH" | "DELETE";
function call(method: Method, url: string, payload?: object): Promise<LightMyRequestResponse> {
  return hub.request({ method, url, ...(payload === undefined ? {} : { payload }) });
}

async function add(payload: object): Promise<CreatedEnvironment> {
  const response = await call("POST", URL, payload);
  expect(response.statusCode, response.body).toBe(201);
  const created = response.json<CreatedEnvironment>();
  expect(Value.Errors(CreatedEnvironmentSchema, created)).toEqual([]);
  return created;
}

async function show(env: string | number): Promise<Environment> {
  const response = await call("GET", `${URL}/${env}`);
  expect(response.statusCode, response.body).toBe(200);
  expect(Value.Errors(EnvironmentSchema, response.json())).toEqual([]);
  return response.json<Environment>();
}

const clientCert = "-----BEGIN CERTIFICATE-----";
const clientKey = "-----BEGIN PRIVATE KEY-----";

describe("adding", () => {
  test("an edge environment gives its agent's token, once", async () => {
    const { environment, agentToken } = await add({ name: "web-1", labels: { site: "berlin" } });
    expect(agentToken).toMatch(/^fla_[A-Za-z0-9_-]{43}$/);
    expect(environment).toMatchObject({
      name: "web-1",
      kind: "edge",
      labels: { site: "berlin" },
      address: null,
      tls: null,
      agent: null,
      conflict: null,
      link: { state: "unknown" },
      agentToken: { lastUsedAt: null, revokedAt: null, previousValidUntil: null },
    });
    expect(await show("web-1")).toEqual(environment);
    expect(await show(environment.id)).toEqual(environment);
    expect((await call("GET", URL)).body).not.toContain(agentToken);
    expect(changes).toMatchObject([{ type: "created", environment: { name: "web-1" } }]);
  });

  test("the other kinds keep where to dial, and never show secrets", async () => {
    const standard = await add({ name: "std", kind: "standard", address: "https://host", token: "hunter2" });
    expect(standard).not.toHaveProperty("agentToken");
    expect(standard.environment).toMatchObject({ address: "https://host:2376", agentToken: null });
    const tls = { clientCert, clientKey, skipVerify: true };
    const direct = await add({ name: "dir", kind: "direct", address: "tcp://host:2376", tls });
    expect(direct.environment).toMatchObject({
      address: "https://host:2376",
      tls: { clientCert, skipVerify: true },
    });
    const socket = await add({ name: "soc", kind: "socket", address: "/var/run/docker.sock" });
    expect(socket.environment.address).toBe("unix:///var/run/docker.sock");
    const list = await call("GET", URL);
    expect(Value.Errors(EnvironmentListSchema, list.json())).toEqual([]);
    expect(list.json<{ items: Environment[] }>().items.map(({ name }) => name)).toEqual(["dir", "soc", "std"]);
    expect(list.body).not.toContain("hunter2");
    expect(list.body).not.toContain("PRIVATE KEY");
    expect(JSON.stringify(await hub.db.selectFrom("environments").selectAll().execute())).not.toMatch(
      /hunter2|PRIVATE/,
    );
    expect(await hub.environments.resolve("dir")).toMatchObject({ tls });
    expect(await hub.environments.resolve("std")).toMatchObject({ token: "hunter2" });
  });

  test("a taken name is a conflict", async () => {
    await add({ name: "web-1" });
    const second = await call("POST", URL, { name: "web-1" });
    expect(second.statusCode).toBe(409);
    expect(second.json()).toMatchObject({ code: "conflict", details: { field: "name" } });
    expect(changes).toHaveLength(1);
  });

  test.each([
    [{ kind: "socket", address: "/s", tls: {} }, "tls"],
    [{ kind: "standard", address: "http://h", tls: {} }, "tls"],
    [{ kind: "standard", address: "https://h", tls: { clientCert } }, "tls.clientKey"],
    [{ kind: "direct", address: "https://h", tls: { clientKey } }, "tls.clientCert"],
    [{ kind: "direct", address: "https://h", token: "t" }, "token"],
  ])("%j names the field %s", async (input, field) => {
    const response = await call("POST", URL, { name: "x", ...input });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: "bad_request", details: { field } });
  });
});

describe("changing", () => {
  test("what is left out stays, and secrets too", async () => {
    await add({
      name: "dir",
      kind: "direct",
      address: "https://host",
      labels: { a: "b" },
      tls: { clientCert, clientKey },
    });
    const response = await call("PATCH", `${URL}/dir`, { name: "new", tls: { clientCert, serverName: "other" } });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({
      name: "new",
      labels: { a: "b" },
      tls: { clientCert, serverName: "other" },
    });
    expect(await hub.environments.resolve("new")).toMatchObject({
      tls: { clientCert, clientKey, serverName: "other" },
    });
    expect((await call("GET", `${URL}/dir`)).statusCode).toBe(404);
    expect(changes.map(({ type }) => type)).toEqual(["created", "updated"]);
  });

  test("secrets and TLS settings can be taken away", async () => {
    await add({ name: "std", kind: "standard", address: "https://host", token: "t", tls: { clientCert, clientKey } });
    expect((await call("PATCH", `${URL}/std`, { token: "", tls: null })).statusCode).toBe(200);
    const record = await hub.environments.resolve("std");
    expect(record).toMatchObject({ tls: null, address: "https://host:2376" });
    expect(record).not.toHaveProperty("token");
  });

  test("the one that is asked for is never an old one, whatever was being read when it changed", async () => {
    const { id } = (await add({ name: "one" })).environment;
    const changed = call("PATCH", `${URL}/one`, { name: "two" });
    for (let asked = 0; asked < 20; asked += 1) await hub.environments.resolve(String(id));
    await changed;
    expect(await hub.environments.resolve(String(id))).toMatchObject({ name: "two" });
    await expect(hub.environments.resolve("one")).rejects.toThrow("one");
    await call("DELETE", `${URL}/two`);
    await expect(hub.environments.resolve(String(id))).rejects.toThrow("no environment");
  });

  test("what does not fit is refused and changes nothing", async () => {
    await add({ name: "one" });
    await add({ name: "two", kind: "socket", address: "/s" });
    const answers = [
      await call("PATCH", `${URL}/one`, { address: "tcp://h:1" }),
      await call("PATCH", `${URL}/two`, { name: "one" }),
      await call("PATCH", `${URL}/two`, { address: "tcp://h:1" }),
      await call("PATCH", `${URL}/nobody`, { name: "x" }),
      await call("PATCH", `${URL}/two`, { kind: "edge" }),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([400, 409, 400, 404, 400]);
    expect(await hub.environments.resolve("two")).toMatchObject({ address: "unix:///s" });
    expect(changes.map(({ type }) => type)).toEqual(["created", "created"]);
  });
});

describe("removing", () => {
  test("takes everything kept about it away, and nothing else", async () => {
    const { environment } = await add({ name: "gone" });
    const { environment: other } = await add({ name: "other" });
    for (const { id } of [environment, other]) {
      await hub.db.insertInto("lights").values({ environment_id: id, light: "link", state: "up" }).execute();
      await hub.db.insertInto("metrics").values({ environment_id: id, at: 1, metrics: "{}" }).execute();
      await hub.db
        .insertInto("container_events")
        .values({ environment_id: id, kind: "event", at: 1, nanoseconds: 0, identity: "x", body: "{}" })
        .execute();
    }
    expect((await call("DELETE", `${URL}/gone`)).statusCode).toBe(204);
    expect((await call("DELETE", `${URL}/gone`)).statusCode).toBe(404);
    for (const table of ["agent_tokens", "lights", "metrics", "container_events"] as const) {
      const rows = await hub.db.selectFrom(table).select("environment_id").execute();
      expect(rows.map((row) => row.environment_id)).toEqual([other.id]);
    }
    expect(changes.at(-1)).toMatchObject({ type: "removed", environment: { id: environment.id } });
    expect((await add({ name: "gone" })).environment.id).toBeGreaterThan(other.id);
  });
});

describe("the agent's token", () => {
  test("is rotated with an overlap that the caller chooses", async () => {
    const { agentToken } = await add({ name: "web" });
    const response = await call("POST", `${URL}/web/token`, { overlapSeconds: 3600 });
    expect(response.statusCode).toBe(200);
    const rotated = response.json<RotatedToken>();
    expect(Value.Errors(RotatedTokenSchema, rotated)).toEqual([]);
    expect(rotated.agentToken).not.toBe(agentToken);
    expect(Date.parse(rotated.previousValidUntil ?? "")).toBeGreaterThan(Date.now() + 3_500_000);
    expect(hub.closedTokens).toEqual([]);
    expect((await show("web")).agentToken).toMatchObject({ previousValidUntil: rotated.previousValidUntil });
  });

  test("is rotated at once without a body", async () => {
    await add({ name: "web" });
    const response = await call("POST", `${URL}/web/token`);
    expect(response.json()).toMatchObject({ previousValidUntil: null });
    expect(hub.closedTokens).toHaveLength(1);
    const tooLong = await call("POST", `${URL}/web/token`, { overlapSeconds: 31 * 24 * 3600 });
    expect(tooLong.json()).toMatchObject({ code: "bad_request", details: { field: "overlapSeconds" } });
  });

  test("is revoked, closing its connection", async () => {
    await add({ name: "web" });
    expect((await call("DELETE", `${URL}/web/token`)).statusCode).toBe(204);
    expect(hub.closedTokens).toHaveLength(1);
    expect((await show("web")).agentToken?.revokedAt).not.toBeNull();
  });

  test("is for edge environments only", async () => {
    await add({ name: "soc", kind: "socket", address: "/s" });
    for (const method of ["POST", "DELETE"] as const) {
      expect((await call(method, `${URL}/soc/token`)).json()).toMatchObject({ code: "conflict" });
    }
  });
});

test("a conflict is dismissed, also when there is none", async () => {
  await add({ name: "web" });
  expect((await call("DELETE", `${URL}/web/conflict`)).statusCode).toBe(204);
  expect((await call("DELETE", `${URL}/nobody/conflict`)).statusCode).toBe(404);
});
