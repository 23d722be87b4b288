import { request as httpRequest } from "node:http";
import { tempDir } from "@fairlead/testkit";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_RETENTION } from "../config.ts";
import { Access } from "../access/service.ts";
import { AccessStore } from "../access/store.ts";
import { openDatabase } from "../database/open.ts";
import { SecretBox } from "../database/sealed.ts";
import { createDomains, startDomains } from "../domains.ts";
import { ApiTokens } from "../identity/service.ts";
import { ApiTokenStore } from "../identity/store.ts";
import { StopSequence } from "../stop-sequence.ts";
import { createHubServer, type HubServer } from "./hub-server.ts";
import type { Route } from "./route-table.ts";
import { closeServer, listen } from "./server.ts";

const TOKEN = "token-of-the-server-tests";
const log = pino({ level: "silent" });
const stops = new StopSequence(log);
let hub: HubServer;
let port: number;

beforeAll(async () => {
  const folder = await tempDir();
  stops.add("folder", () => folder.stop());
  const { db, ping, close } = await openDatabase(folder.path);
  stops.add("database", close);
  const access = new Access(new AccessStore(db));
  await access.start();
  const tokens = new ApiTokens(new ApiTokenStore(db), access, log);
  stops.add("tokens", () => tokens.stop());
  await tokens.setBootstrap(TOKEN);
  const config = { trustProxy: false, retention: DEFAULT_RETENTION, dataDir: folder.path, recordExec: "off" } as const;
  const domains = createDomains({ db, secrets: await SecretBox.open(folder.path), config, log });
  await startDomains(domains, stops, log);
  await domains.environments.create({ name: "web" });
  const state = { startedAt: Date.now(), isStopping: () => false, checkDatabase: ping };
  hub = await createHubServer({ tokens, access, domains, config, log, state });
  stops.add("app", () => hub.app.close());
  ({ port } = await listen(hub.server, "127.0.0.1", 0));
  stops.add("server", () => closeServer(hub.server));
});
afterAll(() => stops.run());

interface Answer {
  readonly status: number;
  readonly body: string;
}

function call(method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = httpRequest({ host: "127.0.0.1", port, method, path, headers, agent: false });
  request.on("response", (response) => {
    let body = "";
    response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
  });
  request.on("upgrade", (response, socket) => {
    socket.destroy();
    resolve({ status: response.statusCode ?? 0, body: "" });
  });
  request.on("error", reject).end();
  return promise;
}

const pathOf = ({ url }: Route): string => url.replaceAll(/:[a-z]+/g, "1").replace("*", "x");
const UPGRADE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

test("no route but health is open", async () => {
  const open: string[] = [];
  for (const route of hub.routes) {
    const { status, body } = await call(route.method, pathOf(route));
    if (status === 401) {
      if (route.method !== "HEAD") expect(JSON.parse(body)).toMatchObject({ code: "unauthenticated" });
    } else open.push(`${route.method} ${route.url}`);
  }
  expect(hub.routes.length).toBeGreaterThan(25);
  expect(open.toSorted()).toEqual(["GET /healthz", "GET /readyz", "HEAD /healthz", "HEAD /readyz"]);
});

test("a wrong token, a token in the query and one of an agent open none of them", async () => {
  for (const path of ["/api/v1/environments", "/metrics", "/api/v1/openapi.json", "/api/docs/"]) {
    expect((await call("GET", `${path}?access_token=${TOKEN}`)).status).toBe(401);
    expect((await call("GET", path, { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
  }
  expect((await call("GET", `/api/v1/stream?access_token=wrong`)).status).toBe(401);
});

test("what is not there is not told to those without a token", async () => {
  expect((await call("GET", "/nothing")).status).toBe(401);
  expect((await call("PUT", "/api/v1/environments")).status).toBe(401);
  expect((await call("GET", "/api/v1/environments/nobody/docker/_ping")).status).toBe(401);
});

describe("what is served on raw connections", () => {
  const authorization = `Bearer ${TOKEN}`;

  test.each([
    ["GET", "/api/v1/environments/web/docker/_ping", {}],
    ["POST", "/api/v1/environments/web/docker/containers/x/attach", { connection: "Upgrade", upgrade: "tcp" }],
    ["POST", "/api/v1/environments/web/docker/session", { connection: "Upgrade", upgrade: "h2c" }],
    ["GET", "/api/v1/environments/web/exec?container=x", UPGRADE],
    ["GET", "/api/v1/anything/else", UPGRADE],
  ])("%s %s needs a token", async (method, path, headers) => {
    const { status, body } = await call(method, path, headers);
    expect(status).toBe(401);
    expect(JSON.parse(body)).toMatchObject({ code: "unauthenticated" });
  });

  test("an environment that is not there is 404", async () => {
    for (const [path, headers] of [
      ["/api/v1/environments/nobody/docker/_ping", {}],
      ["/api/v1/environments/nobody/exec?container=x", UPGRADE],
      ["/api/v1/anything/else", UPGRADE],
    ] as const) {
      const { status, body } = await call("GET", path, { authorization, ...headers });
      expect(status).toBe(404);
      expect(JSON.parse(body)).toMatchObject({ code: "not_found" });
    }
  });

  test("a path that is not valid percent-encoding is 400", async () => {
    const headers = { authorization, ...UPGRADE };
    expect((await call("GET", "/api/v1/environments/%zz/exec?container=x", headers)).status).toBe(400);
  });

  test("the Docker endpoint of an environment whose agent is away is 502 with a message", async () => {
    const { status, body } = await call("GET", "/api/v1/environments/web/docker/_ping", { authorization });
    expect(status).toBe(502);
    expect((JSON.parse(body) as { message: string }).message).toContain("web");
  });

  test("agents are upgraded without an API token: they show theirs in the hello", async () => {
    for (const path of ["/api/hawser/connect", "/api/v1/agents/connect"]) {
      expect((await call("GET", path, UPGRADE)).status).toBe(101);
    }
  });

  test("a client that offers h2c on an ordinary request gets an ordinary answer", async () => {
    const headers = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "", authorization };
    expect((await call("GET", "/api/v1", headers)).status).toBe(200);
  });
});

test("the document describes every route of the API, and only what exists", async () => {
  const { body } = await call("GET", "/api/v1/openapi.json", { authorization: `Bearer ${TOKEN}` });
  const { openapi, paths } = JSON.parse(body) as { openapi: string; paths: Record<string, Record<string, Operation>> };
  expect(openapi).toBe("3.1.0");
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const hidden = /^(\/|\/api\/docs.*|\/api\/v1\/openapi.json)$/;
  const served = hub.routes
    .filter(({ method, url }) => method !== "HEAD" && !hidden.test(url))
    .map(({ method, url }) => `${method} ${url.replaceAll(/:([a-z]+)/g, "{$1}")}`);
  expect(described.toSorted()).toEqual(served.toSorted());
  for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    expect(operation.summary).toBeTruthy();
    expect(operation.tags).toHaveLength(1);
    expect(Object.keys(operation.responses).length).toBeGreaterThan(0);
  }
});

interface Operation {
  summary?: string;
  tags?: string[];
  responses: object;
}

test("the pages to browse it come whole from this hub", async () => {
  const headers = { authorization: `Basic ${Buffer.from(`any:${TOKEN}`).toString("base64")}` };
  const page = await call("GET", "/api/docs/", headers);
  expect(page.status).toBe(200);
  const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = ""]) => file);
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) {
    expect(file).toMatch(/^(\/|\.)/);
    expect((await call("GET", new URL(file, "http://hub/api/docs/").pathname, headers)).status).toBe(200);
  }
});
