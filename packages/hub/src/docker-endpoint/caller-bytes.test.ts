import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { type TempDir, tempDir, waitFor } from "@fairlead/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type HubFixture, startHubFixture } from "../http/hub-fixture.ts";
import { RawCaller } from "./raw-caller-fixture.ts";

// A caller's bytes must not become a call of the engine that nobody looked at, nor an engine's answer an order to a browser.

let folder: TempDir;
let engine: Server;
let hub: HubFixture;
const tokens: Record<string, string> = {};
/** What reached the engine, without the hub's own questions. */
let calls: string[] = [];

beforeAll(async () => {
  folder = await tempDir();
  const socketPath = join(folder.path, "engine.sock");
  // It knows no upgrade, and serves one call after the other, as engines do.
  engine = createServer((request, response) => {
    const { method = "", url = "" } = request;
    if (url.includes("marked")) calls.push(`${method} ${url}`);
    request.resume();
    response.setHeader("set-cookie", "__Host-fairlead.session_token=theirs");
    response.setHeader("clear-site-data", '"cookies"');
    // As engines answer a HEAD of an archive: neither length nor chunks.
    if (method === "HEAD") response.end();
    else response.end("{}");
  });
  await new Promise<void>((resolve) => engine.listen(socketPath, resolve));
  hub = await startHubFixture();
  await hub.domains.environments.create({ name: "web", kind: "socket", address: socketPath });
  for (const role of ["viewer", "operator"]) {
    tokens[role] = (await hub.tokens.create({ name: role, grants: [{ role, scope: { type: "all" } }] })).secret;
  }
});
beforeEach(() => {
  calls = [];
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  engine.closeAllConnections();
  engine.close();
  await folder.stop();
});

const BODY = JSON.stringify({ HostConfig: { Privileged: true } });
/** A whole call, to be hidden in another. */
const HIDDEN = `POST /containers/create?name=marked HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

async function say(role: string, line: string, headers: readonly string[], rest: string): Promise<string> {
  const caller = new RawCaller(hub.port);
  const prefix = "/api/v1/environments/web/docker";
  const [method = "", path = ""] = line.split(" ");
  const head = [
    `${method} ${prefix}${path} HTTP/1.1`,
    "Host: hub",
    `Authorization: Bearer ${tokens[role]}`,
    ...headers,
  ];
  caller.send(`${head.join("\r\n")}\r\n\r\n${rest}`);
  await caller.until("HTTP/1.1 ");
  // A call of its own goes through the same engine connections: what was hidden would have come before it.
  await hub.call("GET", `${prefix}/version?marked=after`, { token: hub.token });
  await waitFor(() => calls.some((call) => call.includes("marked=after")), { what: "the call after" });
  caller.socket.destroy();
  return caller.text;
}

const length = `Content-Length: ${HIDDEN.length}`;
const chunk = `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`;

test.each<[string, string, string, readonly string[], string]>([
  ["a length that Connection names", "viewer", "GET /containers/json", ["Connection: content-length", length], HIDDEN],
  ["the same of a HEAD", "viewer", "HEAD /_ping", ["Connection: content-length", length], HIDDEN],
  ["the same of a DELETE", "operator", "DELETE /containers/x", ["Connection: Content-Length", length], HIDDEN],
  [
    "chunks that Connection names",
    "viewer",
    "GET /containers/json",
    ["Connection: transfer-encoding", "Transfer-Encoding: chunked"],
    chunk,
  ],
  [
    "an upgrade of a HEAD",
    "operator",
    "HEAD /containers/x/archive?path=/",
    ["Connection: Upgrade", "Upgrade: tcp"],
    HIDDEN,
  ],
  [
    "an upgrade of a GET with chunks",
    "viewer",
    "GET /containers/json",
    ["Connection: Upgrade", "Upgrade: tcp", "Transfer-Encoding: chunked"],
    `0\r\n\r\n${HIDDEN}`,
  ],
  [
    "bytes behind the chunks of an attach",
    "operator",
    "POST /containers/x/attach",
    ["Connection: Upgrade", "Upgrade: tcp", "Transfer-Encoding: chunked"],
    `0\r\n\r\n${HIDDEN}`,
  ],
  [
    "bytes behind the body of an exec",
    "operator",
    "POST /exec/x/start",
    ["Connection: Upgrade", "Upgrade: tcp", "Content-Length: 2"],
    `{}${HIDDEN}`,
  ],
])("%s does not hide a call", async (_what, role, line, headers, rest) => {
  await say(role, line, headers, rest);
  expect(calls.filter((call) => call.startsWith("POST"))).toEqual([]);
});

test("an upgrade of a build is an ordinary build, and looked at like one", async () => {
  const headers = ["Connection: Upgrade", "Upgrade: tcp", "Content-Length: 0"];
  const answer = await say("operator", "POST /build?networkmode=host&t=marked", headers, "");
  expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  expect(calls.filter((call) => call.startsWith("POST"))).toEqual([]);
});

test("an engine sets no cookies of the hub", async () => {
  const { status, headers } = await hub.call("GET", "/api/v1/environments/web/docker/info?marked", {
    token: hub.token,
  });
  expect(status).toBe(200);
  expect(headers).not.toHaveProperty("set-cookie");
  expect(headers).not.toHaveProperty("clear-site-data");
});

test("importing an image needs image.load, not image.pull", async () => {
  const grants = [{ permissions: ["image.pull" as const], scope: { type: "all" as const } }];
  const { secret: token } = await hub.tokens.create({ name: "puller", grants });
  const path = "/api/v1/environments/web/docker/images/create";
  expect((await hub.call("POST", `${path}?fromImage=marked`, { token })).status).toBe(200);
  expect((await hub.call("POST", `${path}?fromSrc=-&repo=marked`, { token })).status).toBe(403);
});
