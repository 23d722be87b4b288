import { once } from "node:events";
import { createServer, get, type IncomingMessage, request, type Server } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { GrantInput } from "@fairlead/protocol/rest";
import { type TempDir, tempDir, waitFor } from "@fairlead/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import WebSocket from "ws";
import { type HubFixture, startHubFixture } from "../http/hub-fixture.ts";

let folder: TempDir;
let engine: Server;
let engineSide: IncomingMessage[] = [];
let created = 0;
let hub: HubFixture;
let environmentId: number;
let names = 0;

beforeAll(async () => {
  folder = await tempDir();
  const socketPath = join(folder.path, "engine.sock");
  // A log that goes on, and an exec that says nothing.
  engine = createServer((incoming, response) => {
    if (incoming.url?.includes("/containers/create") === true) created += 1;
    if (incoming.url?.includes("/logs") !== true) {
      response.end(JSON.stringify({ Id: "abc", Config: { Tty: true } }));
      return;
    }
    engineSide.push(incoming);
    response.write("first line\n");
  });
  engine.on("upgrade", (incoming, socket) => {
    engineSide.push(incoming);
    socket.write("HTTP/1.1 101 UPGRADED\r\nconnection: Upgrade\r\nupgrade: tcp\r\n\r\n");
  });
  await new Promise<void>((resolve) => engine.listen(socketPath, resolve));
  hub = await startHubFixture();
  const labels = { tier: "web" };
  const address = socketPath;
  environmentId = (await hub.domains.environments.create({ name: "web", kind: "socket", address, labels })).id;
});
beforeEach(() => {
  engineSide = [];
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  engine.closeAllConnections();
  engine.close();
  await folder.stop();
});

async function makeToken(grants?: GrantInput[], expiresAt?: string): Promise<{ id: number; secret: string }> {
  names += 1;
  const input = { name: `t${names}`, ...(grants ? { grants } : {}), ...(expiresAt === undefined ? {} : { expiresAt }) };
  const { token, secret } = await hub.tokens.create(input);
  return { id: token.id, secret };
}

/** Closed in whatever way: `once` would reject on the error of a cut. */
function closed(one: { once(event: "close", listener: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => one.once("close", resolve));
}

interface Following {
  /** Resolves when the connection has ended: true when that looked like a whole answer. */
  readonly ended: Promise<boolean>;
}

/** `docker logs -f` */
async function followLogs(secret: string): Promise<Following> {
  const path = "/api/v1/environments/web/docker/containers/x/logs?follow=1&stdout=1";
  const headers = { authorization: `Bearer ${secret}` };
  const call = get({ host: "127.0.0.1", port: hub.port, path, headers, agent: false });
  const [response] = (await once(call, "response")) as [IncomingMessage];
  expect(response.statusCode).toBe(200);
  const [line] = (await once(response, "data")) as [Buffer];
  expect(line.toString()).toBe("first line\n");
  response.on("error", () => {});
  return { ended: closed(response).then(() => response.complete) };
}

/** Ends at both sides, and never as if it were whole. The log itself never ends. */
async function endsAfter({ ended }: Following, doing: () => Promise<unknown>): Promise<void> {
  const engineEnded = closed(engineSide.at(-1)?.socket ?? engine);
  await doing();
  expect(await ended).toBe(false);
  await engineEnded;
}

const viewer: GrantInput = { role: "viewer", scope: { type: "label", name: "tier", value: "web" } };

test("a revoked token's running logs end at once", async () => {
  const { id, secret } = await makeToken([viewer]);
  const other = await followLogs((await makeToken([viewer])).secret);
  await endsAfter(await followLogs(secret), () => hub.tokens.revoke(id));
  const stillOpen = await Promise.race([other.ended, new Promise((resolve) => setImmediate(resolve, "open"))]);
  expect(stillOpen).toBe("open");
});

test("those of an expired token end soon after its time", async () => {
  const { secret } = await makeToken([viewer], new Date(Date.now() + 1_500).toISOString());
  await endsAfter(await followLogs(secret), () => Promise.resolve());
});

test("an upgraded connection, a terminal, a log and the stream of changes end with the token, too", async () => {
  const { id, secret } = await makeToken();
  const headers = { authorization: `Bearer ${secret}` };
  const exec = get({
    host: "127.0.0.1",
    port: hub.port,
    method: "POST",
    path: "/api/v1/environments/web/docker/exec/x/start",
    headers: { ...headers, connection: "Upgrade", upgrade: "tcp" },
    agent: false,
  });
  const [, socket] = (await once(exec, "upgrade")) as [IncomingMessage, Socket];
  socket.on("error", () => {});
  const terminal = new WebSocket(`ws://127.0.0.1:${hub.port}/api/v1/environments/web/exec?container=x`, { headers });
  terminal.on("error", () => {});
  const terminalClosed = closed(terminal);
  await once(terminal, "open");
  const logs = new WebSocket(`ws://127.0.0.1:${hub.port}/api/v1/environments/web/logs?container=x`, { headers });
  const [ready] = (await once(logs, "message")) as [Buffer];
  expect(JSON.parse(ready.toString())).toEqual({ type: "ready", tty: true });
  logs.on("error", () => {});
  const changes = get({ host: "127.0.0.1", port: hub.port, path: "/api/v1/stream", headers, agent: false });
  const [stream] = (await once(changes, "response")) as [IncomingMessage];
  stream.on("error", () => {}).resume();
  const all = Promise.all([terminalClosed, ...[socket, logs, stream].map(closed)]);
  await hub.tokens.revoke(id);
  await all;
});

test("a role that loses the permission, and an environment that loses the label, end what they let in", async () => {
  const { token } = hub;
  await hub.call("POST", "/api/v1/roles", { token, json: { name: "reader", permissions: ["container.logs"] } });
  const reader = await makeToken([{ role: "reader", scope: { type: "environment", environmentId } }]);
  await endsAfter(await followLogs(reader.secret), () =>
    hub.call("PATCH", "/api/v1/roles/reader", { token, json: { permissions: [] } }),
  );
  const labelled = await makeToken([viewer]);
  await endsAfter(await followLogs(labelled.secret), () =>
    hub.call("PATCH", "/api/v1/environments/web", { token, json: { labels: {} } }),
  );
  await hub.call("PATCH", "/api/v1/environments/web", { token, json: { labels: { tier: "web" } } });
});

test("an owner's token ends what it let in when the owner's roles change", async () => {
  const person = { kind: "person", id: "p", personId: "p", name: "p", expiresAt: null, grants: [] } as const;
  const role = { role: "viewer", scope: { type: "all" } } as const;
  await hub.access.bind(undefined, "p", [role]);
  const { secret } = await hub.tokens.create({ name: "of-p" }, person);
  await endsAfter(await followLogs(secret), () => hub.access.bind(undefined, "p", []));
  await hub.access.bind(undefined, "p", [role]);
  const again = await followLogs(secret);
  await endsAfter(again, () => hub.tokens.revokeAllOf("p"));
});

test("a call whose body is still waited for ends too, and does not reach the engine", async () => {
  const { id, secret } = await makeToken([{ role: "operator", scope: { type: "all" } }]);
  const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json", "content-length": "1000" };
  const path = "/api/v1/environments/web/docker/v1.45/containers/create";
  const call = request({ host: "127.0.0.1", port: hub.port, method: "POST", path, headers, agent: false });
  call.on("error", () => {});
  call.write("{");
  await waitFor(() => hub.live.size === 1, { what: "the call to be let in" });
  const ended = closed(call);
  await hub.tokens.revoke(id);
  await ended;
  expect(created).toBe(0);
});

test("what has ended by itself is forgotten", async () => {
  const { secret } = await makeToken();
  await hub.call("GET", "/api/v1/environments/web/docker/_ping", { token: secret });
  await waitFor(() => hub.live.size === 0, { what: "no live connections" });
});
