import { once } from "node:events";
import { readdir, stat, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { startConnectProxy, type TempDir, tempDir } from "@fairlead/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfig } from "../config.ts";
import { RefusedByHub } from "../link/refused-by-hub.ts";
import { createLog } from "../log.ts";
import { readCredential } from "./credential-file.ts";
import { joinHub } from "./join-hub.ts";

const JOIN_KEY = `flj_${"k".repeat(43)}`;

let folder: TempDir;
let server: Server;
let calls: { url: string; body: string }[];
let answer: (response: ServerResponse, request: IncomingMessage) => void;
let stop: AbortController;
beforeEach(async () => {
  folder = await tempDir();
  calls = [];
  stop = new AbortController();
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      calls.push({ url: request.url ?? "", body });
      answer(response, request);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await folder.stop();
});

const data = (): string => join(folder.path, "data");

async function tryToJoin(env: Record<string, string> = {}, path = ""): Promise<unknown> {
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const settings = { FAIRLEAD_SERVER_URL: url, FAIRLEAD_JOIN_KEY: JOIN_KEY, FAIRLEAD_DATA_DIR: data(), AGENT_ID: "a" };
  const config = loadConfig({ ...settings, AGENT_NAME: "box", ...env });
  const { serverUrl } = config;
  if (serverUrl === undefined) throw new Error("no server URL");
  const log = createLog("debug", () => {});
  const options = { joinKey: JOIN_KEY, pin: undefined, userAgent: "test", log, signal: stop.signal };
  return await joinHub({ config: { ...config, serverUrl }, ...options }).catch((error: unknown) => error);
}

const json = (status: number, body: unknown, headers = {}) => {
  answer = (response) => void response.writeHead(status, headers).end(JSON.stringify(body));
};

test("a join says who the agent is, at the hub's own path, and what came is kept", async () => {
  json(200, { token: "fla_new", environment: { id: 1, name: "web-1" } });
  const credential = await tryToJoin({}, "/below/api/hawser/connect");
  expect(credential).toMatchObject({ token: "fla_new", server: expect.stringMatching(/:\d+\/below$/) as string });
  expect(calls.map(({ url }) => url)).toEqual(["/below/api/v1/agents/join"]);
  const sent = JSON.parse(calls[0]?.body ?? "") as unknown;
  expect(sent).toEqual({
    joinKey: JOIN_KEY,
    agentId: "a",
    agentName: "box",
    hostname: expect.any(String) as string,
    attempt: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) as string,
  });
  expect(readCredential(data())).toEqual(credential);
  expect((await stat(data())).mode & 0o777).toBe(0o700);
  expect(await readdir(data())).toEqual(["hub-credential.json"]);
  await tryToJoin();
  expect((JSON.parse(calls[1]?.body ?? "") as { attempt?: string }).attempt).toBe(
    (sent as { attempt: string }).attempt,
  );
});

describe("an answer that is no token", () => {
  test.each([
    ["a key that is over", 401, { code: "join_key_expired", message: "It is over." }, {}, /^It is over\.$/, true],
    ["a limit", 429, { code: "rate_limited", message: "Wait." }, { "retry-after": "7" }, /^Wait\.$/, false],
    ["a hub that stops", 503, { code: "shutting_down", message: "Stopping." }, {}, /^Stopping\.$/, false],
    ["a hub that knows no join keys", 404, { message: "no" }, {}, /HTTP 404 to the join: .*take a token/, true],
    ["a redirect", 302, {}, { location: "http://127.0.0.1:1/" }, /HTTP 302/, true],
    ["another program", 200, { hello: "world" }, {}, /HTTP 200/, true],
    ["a token that is none", 200, { token: "two words" }, {}, /HTTP 200/, true],
  ])("of %s", async (_what, status, body, headers, message, isKeyRefused) => {
    json(status, body, headers);
    const error = await tryToJoin();
    if (!(error instanceof RefusedByHub)) throw error;
    expect(error.message).toMatch(message);
    expect(error.tokenRefused).toBe(isKeyRefused);
    expect(error.retryAfterMs).toBe("retry-after" in headers ? 7000 : undefined);
    expect(error.message).not.toContain(JOIN_KEY);
    expect(await readdir(data())).toEqual([]);
    expect(calls).toHaveLength(1);
  });

  test("a large one is not read to its end", async () => {
    answer = (response) => void response.end(`{"token":"${"x".repeat(10_000_000)}"}`);
    expect(await tryToJoin()).toBeInstanceOf(RefusedByHub);
  });

  test("none at all is given up, and so is one that stops half-way", async () => {
    answer = () => {};
    expect(await tryToJoin({ WELCOME_TIMEOUT: "0.2" })).toMatchObject({
      code: "agent_disconnected",
      message: "the hub did not answer the join within 0.2 s",
    });
    answer = (response) => void response.write("{");
    expect(await tryToJoin({ WELCOME_TIMEOUT: "0.2" })).toBeInstanceOf(Error);
    answer = (response) => void response.destroy();
    expect(await tryToJoin()).toMatchObject({ code: "agent_disconnected" });
  });

  test("an agent that is stopped ends it", async () => {
    answer = () => stop.abort();
    expect(await tryToJoin()).toMatchObject({ code: "cancelled" });
  });
});

test("where a token could not be kept the key is not spent", async () => {
  json(200, { token: "fla_new" });
  await writeFile(data(), "a file in the way");
  expect(await tryToJoin()).toMatchObject({
    code: "config_invalid",
    message: expect.stringMatching(/cannot be kept in .* \((EEXIST|ENOTDIR)\), so the join key is not used/) as string,
  });
  expect(calls).toEqual([]);
});

test("through a proxy, and one that refuses is not taken for the hub", async () => {
  await using proxy = await startConnectProxy();
  json(200, { token: "fla_new" });
  expect(await tryToJoin({ HTTP_PROXY: proxy.url })).toMatchObject({ token: "fla_new" });
  expect(proxy.calls).toHaveLength(1);
  proxy.refuseWith = "407 Proxy Authentication Required";
  expect(await tryToJoin({ HTTP_PROXY: proxy.url })).toMatchObject({
    code: "agent_disconnected",
    message: expect.stringContaining("wants a user and a password") as string,
  });
  expect(calls).toHaveLength(1);
});
