import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { waitFor } from "@fairlead/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type HubFixture, startHubFixture } from "../http/hub-fixture.ts";

let hub: HubFixture;
beforeAll(async () => {
  hub = await startHubFixture();
});
afterAll(() => hub[Symbol.asyncDispose]());

test("a request whose body comes after its token was revoked does nothing", async () => {
  const { secret, token } = await hub.tokens.create({ name: "stolen" });
  const body = JSON.stringify({ name: "late" });
  const headers = {
    authorization: `Bearer ${secret}`,
    "content-type": "application/json",
    "content-length": String(body.length),
  };
  const call = httpRequest({ host: "127.0.0.1", port: hub.port, method: "POST", path: "/api/v1/tokens", headers });
  const { promise, resolve } = Promise.withResolvers<number>();
  call.on("response", (response) => resolve(response.resume().statusCode ?? 0));
  call.write(body.slice(0, -1));
  // It is let in as far as its head goes.
  await waitFor(async () => (await hub.tokens.list()).some(({ id, lastUsedAt }) => id === token.id && lastUsedAt), {
    what: "the token to be used",
  });
  await hub.tokens.revoke(token.id);
  call.end(body.slice(-1));
  expect(await promise).toBe(401);
  expect((await hub.tokens.list()).map(({ name }) => name)).not.toContain("late");
});

test("who leaves before the answer is in the audit log all the same", async () => {
  const socket = connect(hub.port, "127.0.0.1");
  const body = JSON.stringify({ name: "left", permissions: [] });
  const auth = `Host: hub\r\nAuthorization: Bearer ${hub.token}`;
  // The stream's answer never ends, and the next one waits behind it.
  socket.write(`GET /api/v1/stream HTTP/1.1\r\n${auth}\r\n\r\n`);
  await new Promise((resolve) => socket.once("data", resolve));
  socket.write(
    `POST /api/v1/roles HTTP/1.1\r\n${auth}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await waitFor(() => hub.access.roles().some(({ name }) => name === "left"), { what: "the role" });
  socket.destroy();
  const entries = () => hub.domains.audit.page({ order: "asc", limit: 100, text: "left" });
  await waitFor(async () => (await entries()).items.length > 0, { what: "the entry" });
  expect((await entries()).items).toMatchObject([{ action: "role.create", target: "left", code: "cancelled" }]);
});

test("a list of thousands of names is refused at once", async () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `n${index}`).join(",");
  for (const path of ["events", "containers", "stream"]) {
    const { status, body } = await hub.call("GET", `/api/v1/${path}?environment=${names}`, { token: hub.token });
    expect([path, status, JSON.parse(body)]).toMatchObject([path, 400, { details: { field: "environment" } }]);
  }
});

test("one caller follows the stream a hundred times at most, and leaves room for others", async () => {
  const { secret } = await hub.tokens.create({ name: "greedy" });
  const open = async (token: string) => {
    const gone = new AbortController();
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`http://127.0.0.1:${hub.port}/api/v1/stream`, { headers, signal: gone.signal });
    // An answer that nobody holds is left with the next collection of garbage.
    return { response, status: response.status, close: () => gone.abort() };
  };
  const many = await Promise.all(Array.from({ length: 101 }, () => open(secret)));
  expect(many.filter(({ status }) => status === 200)).toHaveLength(100);
  const other = await open(hub.token);
  expect(other.status).toBe(200);
  for (const one of [...many, other]) one.close();
});

test("a standard agent's token does not go to another address, nor to one that is trusted otherwise", async () => {
  const { domains, token } = hub;
  await domains.environments.create({
    name: "std",
    kind: "standard",
    address: "https://a.example:1",
    token: "secret-1",
  });
  const change = (json: unknown) => hub.call("PATCH", "/api/v1/environments/std", { token, json });
  for (const json of [{ address: "https://b.example:1" }, { tls: { skipVerify: true } }]) {
    const { status, body } = await change(json);
    expect([status, JSON.parse(body)]).toMatchObject([400, { details: { field: "token" } }]);
  }
  expect((await change({ address: "https://b.example:1", token: "secret-2" })).status).toBe(200);
  expect((await change({ labels: { a: "b" } })).status).toBe(200);
});

test("a socket of the hub's machine is changed by who may add one", async () => {
  await hub.domains.environments.create({ name: "local", kind: "socket", address: "/tmp/nothing.sock" });
  const permissions = ["environment.manage" as const, "environment.view" as const];
  const { secret } = await hub.tokens.create({ name: "manager", grants: [{ permissions, scope: { type: "all" } }] });
  const change = (json: unknown) => hub.call("PATCH", "/api/v1/environments/local", { token: secret, json });
  expect((await change({ address: "/var/run/docker.sock" })).status).toBe(403);
  expect((await change({ labels: { a: "b" } })).status).toBe(200);
});

test("a terminal's query says each thing once", async () => {
  const headers = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  const path = "/api/v1/environments/local/exec?container=one&container=two";
  expect((await hub.call("GET", path, { token: hub.token, headers })).status).toBe(400);
});
