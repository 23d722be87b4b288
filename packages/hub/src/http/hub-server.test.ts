import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, type HubFixture, startHubFixture } from "./hub-fixture.ts";
import type { Route } from "./route-table.ts";

let hub: HubFixture;
let token: string;

beforeAll(async () => {
  hub = await startHubFixture();
  token = hub.token;
  await hub.domains.environments.create({ name: "web" });
});
afterAll(() => hub[Symbol.asyncDispose]());

const call = (method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  hub.call(method, path, { headers });

const pathOf = ({ url }: Route): string => url.replaceAll(/:[a-z]+/g, "1").replace("*", "x");
const UPGRADE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** Where one who is nobody yet signs in, and what checks for itself who comes. */
const SIGN_IN =
  /^(GET|HEAD|POST) \/(sign-in|first-admin|invitation|device|account|pages\/.*|api\/auth\/.*|api\/v1\/(sign-in-methods|first-admin|agents\/join|links\/(show|accept)|device\/(start|poll)))$/;

test("no route but health, the sign-in and an agent's join is open", async () => {
  const open: string[] = [];
  for (const route of hub.routes) {
    const { status, body } = await call(route.method, pathOf(route));
    if (status === 401) {
      if (route.method !== "HEAD") expect(JSON.parse(body)).toMatchObject({ code: "unauthenticated" });
    } else if (!SIGN_IN.test(`${route.method} ${route.url}`)) open.push(`${route.method} ${route.url}`);
  }
  expect(hub.routes.length).toBeGreaterThan(25);
  expect(open.toSorted()).toEqual(["GET /healthz", "GET /readyz", "HEAD /healthz", "HEAD /readyz"]);
});

test("a wrong token, a token in the query and one of an agent open none of them", async () => {
  for (const path of ["/api/v1/environments", "/metrics", "/api/v1/openapi.json", "/api/docs/"]) {
    expect((await call("GET", `${path}?access_token=${token}`)).status).toBe(401);
    expect((await call("GET", path, { authorization: `Bearer ${token}` })).status).toBe(200);
  }
  expect((await call("GET", `/api/v1/stream?access_token=wrong`)).status).toBe(401);
});

test("what is not there is not told to those without a token", async () => {
  expect((await call("GET", "/nothing")).status).toBe(401);
  expect((await call("PUT", "/api/v1/environments")).status).toBe(401);
  expect((await call("GET", "/api/v1/environments/nobody/docker/_ping")).status).toBe(401);
});

describe("what is served on raw connections", () => {
  let authorization: string;
  beforeAll(() => {
    authorization = `Bearer ${token}`;
  });

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
  const { body } = await call("GET", "/api/v1/openapi.json", { authorization: `Bearer ${token}` });
  const { openapi, paths } = JSON.parse(body) as { openapi: string; paths: Record<string, Record<string, Operation>> };
  expect(openapi).toBe("3.1.0");
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const hidden =
    /^(\/|\/(sign-in|first-admin|invitation|device|account|pages\/.*|api\/auth\/.*)|\/api\/docs.*|\/api\/v1\/openapi.json)$/;
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
  const headers = { authorization: `Basic ${Buffer.from(`any:${token}`).toString("base64")}` };
  const page = await call("GET", "/api/docs/", headers);
  expect(page.status).toBe(200);
  const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = ""]) => file);
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) {
    expect(file).toMatch(/^(\/|\.)/);
    expect((await call("GET", new URL(file, "http://hub/api/docs/").pathname, headers)).status).toBe(200);
  }
});
