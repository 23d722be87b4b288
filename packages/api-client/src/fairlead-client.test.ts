import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { FairleadError } from "@fairlead/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FairleadClient } from "./index.ts";

interface Call {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
}

let server: Server;
let client: FairleadClient;
let calls: Call[];
/** What the hub answers next. */
let answer: (response: ServerResponse, call: Call) => void;

const json = (status: number, value: unknown) => (response: ServerResponse) => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
};

beforeEach(async () => {
  calls = [];
  answer = json(200, {});
  server = createServer((request, response) => {
    void request.toArray().then((chunks: Buffer[]) => {
      const { method = "", url = "", headers } = request;
      const call = { method, url, headers, body: Buffer.concat(chunks).toString() };
      calls.push(call);
      answer(response, call);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  client = new FairleadClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`,
    token: "fl_x",
  });
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

async function failure(promise: Promise<unknown>): Promise<FairleadError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof FairleadError) return error;
    throw error;
  }
  throw new Error("It did not fail");
}

describe("calls", () => {
  const cases: [string, (client: FairleadClient) => Promise<unknown>, string, unknown?][] = [
    ["info", (hub) => hub.info(), "GET /base/api/v1"],
    ["listEnvironments", (hub) => hub.listEnvironments(), "GET /base/api/v1/environments"],
    ["getEnvironment", (hub) => hub.getEnvironment("a/b"), "GET /base/api/v1/environments/a%2Fb"],
    [
      "createEnvironment",
      (hub) => hub.createEnvironment({ name: "a" }),
      "POST /base/api/v1/environments",
      { name: "a" },
    ],
    [
      "updateEnvironment",
      (hub) => hub.updateEnvironment(3, { name: "b" }),
      "PATCH /base/api/v1/environments/3",
      { name: "b" },
    ],
    ["removeEnvironment", (hub) => hub.removeEnvironment(3), "DELETE /base/api/v1/environments/3"],
    [
      "rotateAgentToken",
      (hub) => hub.rotateAgentToken(3, { overlapSeconds: 9 }),
      "POST /base/api/v1/environments/3/token",
      { overlapSeconds: 9 },
    ],
    ["revokeAgentToken", (hub) => hub.revokeAgentToken(3), "DELETE /base/api/v1/environments/3/token"],
    [
      "createJoinKey",
      (hub) => hub.createJoinKey(3, { ttlSeconds: 9 }),
      "POST /base/api/v1/environments/3/join-key",
      { ttlSeconds: 9 },
    ],
    ["listJoinKeys", (hub) => hub.listJoinKeys(3), "GET /base/api/v1/environments/3/join-key"],
    ["revokeJoinKeys", (hub) => hub.revokeJoinKeys(3), "DELETE /base/api/v1/environments/3/join-key"],
    ["dismissConflict", (hub) => hub.dismissConflict(3), "DELETE /base/api/v1/environments/3/conflict"],
    ["environmentContainers", (hub) => hub.environmentContainers(3), "GET /base/api/v1/environments/3/containers"],
    [
      "listContainers",
      (hub) => hub.listContainers({ environments: ["a", 2] }),
      "GET /base/api/v1/containers?environment=a%2C2",
    ],
    ["listContainers of all", (hub) => hub.listContainers({ environments: [] }), "GET /base/api/v1/containers"],
    [
      "listEvents",
      (hub) => hub.listEvents({ environments: ["a"], after: 7, order: "desc" }),
      "GET /base/api/v1/events?after=7&order=desc&environment=a",
    ],
    [
      "metrics",
      (hub) => hub.metrics("a", { resolution: "5m" }),
      "GET /base/api/v1/environments/a/metrics?resolution=5m",
    ],
    ["listTokens", (hub) => hub.listTokens(), "GET /base/api/v1/tokens"],
    ["createToken", (hub) => hub.createToken({ name: "ci" }), "POST /base/api/v1/tokens", { name: "ci" }],
    ["revokeToken", (hub) => hub.revokeToken(4), "DELETE /base/api/v1/tokens/4"],
    ["docker", (hub) => hub.docker("a", "/v1.45/_ping"), "GET /base/api/v1/environments/a/docker/v1.45/_ping"],
  ];

  test.each(cases)("%s", async (_name, run, expected, body) => {
    await run(client);
    expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual([expected]);
    expect(calls[0]?.headers.authorization).toBe("Bearer fl_x");
    expect(calls[0]?.body).toBe(body === undefined ? "" : JSON.stringify(body));
  });

  test("an engine that has nothing to do does not fail", async () => {
    answer = (response) => response.writeHead(304).end();
    expect((await client.docker("a", "/containers/x/start", { method: "POST" })).status).toBe(304);
  });

  test("a body goes as it is, with the type that it is said to have", async () => {
    const contentType = "application/x-tar";
    await client.docker("a", "/containers/x/archive?path=/", { method: "PUT", body: new Blob(["tar"]), contentType });
    expect(calls[0]).toMatchObject({ body: "tar", headers: { "content-type": contentType, "content-length": "3" } });
  });

  test("lists give their items, and 204 gives nothing", async () => {
    answer = json(200, { items: [{ id: 1 }] });
    expect(await client.listEnvironments()).toEqual([{ id: 1 }]);
    answer = (response) => response.writeHead(204).end();
    expect(await client.removeEnvironment(1)).toBeUndefined();
  });

  test("addresses of the other doors", () => {
    const { origin } = new URL(client.url);
    expect(client.dockerUrl("web 1").href).toBe(`${origin}/base/api/v1/environments/web%201/docker`);
    const exec = client.execUrl(2, { container: "c", cmd: "/bin/sh", cols: 80, rows: 24 });
    expect(exec.href).toBe(
      `${origin.replace("http", "ws")}/base/api/v1/environments/2/exec?container=c&cmd=%2Fbin%2Fsh&cols=80&rows=24`,
    );
    const logs = client.logsUrl("web 1", { container: "c", follow: true, tail: "100" });
    expect(logs.href).toBe(
      `${origin.replace("http", "ws")}/base/api/v1/environments/web%201/logs?container=c&follow=true&tail=100`,
    );
    expect(client.containerStatsUrl().href).toBe(`${origin.replace("http", "ws")}/base/api/v1/container-stats`);
  });
});

describe("failures", () => {
  test("have the server's code, message and details", async () => {
    answer = json(409, { code: "conflict", message: "The name is taken.", details: { name: "a" } });
    const error = await failure(client.createEnvironment({ name: "a" }));
    expect([error.code, error.message, error.details]).toEqual(["conflict", "The name is taken.", { name: "a" }]);
  });

  test("of an engine have its message; a code that is not known is replaced by the status", async () => {
    answer = json(404, { message: "No such container: x" });
    expect(await failure(client.docker("a", "/containers/x/json"))).toMatchObject({
      code: "not_found",
      message: "No such container: x",
    });
    answer = json(503, { code: "brand_new", message: "Later." });
    expect(await failure(client.info())).toMatchObject({ code: "engine_unreachable", message: "Later." });
  });

  test("of something that is not a hub name the address", async () => {
    answer = (response) => response.writeHead(502, { "content-type": "text/html" }).end("<html>Bad gateway</html>");
    expect((await failure(client.info())).message).toMatch(
      /127\.0\.0\.1:\d+\/base answered HTTP 502; is this a Fairlead hub\?/,
    );
    answer = (response) => response.end("hello");
    expect(await failure(client.info())).toMatchObject({ code: "hub_unreachable" });
  });

  test("of a hub that is away say so, without the token", async () => {
    const away = new FairleadClient({ url: "http://127.0.0.1:1", token: "fl_secret" });
    const error = await failure(away.info());
    expect(error.code).toBe("hub_unreachable");
    expect(error.message).toContain("http://127.0.0.1:1");
    expect(error.message).not.toContain("fl_secret");
  });

  test("by the caller's signal are cancelled", async () => {
    const controller = new AbortController();
    answer = () => controller.abort();
    expect(await failure(client.info(controller.signal))).toMatchObject({ code: "cancelled" });
  });

  test("a URL that is none is refused at once", () => {
    for (const url of ["hub", "ftp://hub", ""]) expect(() => new FairleadClient({ url })).toThrow(FairleadError);
  });
});

describe("stream", () => {
  test("resumes after the last id when the connection breaks, and ends with the signal", async () => {
    const controller = new AbortController();
    const reconnects: string[] = [];
    answer = (response, { headers }) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const last = headers["last-event-id"];
      if (last === undefined) {
        response.write(
          ': hello\n\nid: 5\nevent: event\ndata: {"n":1}\n\nid: 6\nevent: metrics\ndata: {"n":2}\n\nid: 9\n\n',
        );
        setImmediate(() => response.destroy());
      } else response.write(`id: 10\nevent: environment\ndata: {"resumed":"${String(last)}"}\n\n`);
    };
    const seen: unknown[] = [];
    const stream = client.stream({
      topics: ["event", "environment", "metrics"],
      environments: ["a", 2],
      signal: controller.signal,
      onReconnect: ({ code }) => reconnects.push(code),
    });
    for await (const message of stream) {
      seen.push(message);
      if (seen.length === 3) controller.abort();
    }
    expect(seen).toEqual([
      { topic: "event", id: "5", data: { n: 1 } },
      { topic: "metrics", id: "6", data: { n: 2 } },
      // The id without data counts too.
      { topic: "environment", id: "10", data: { resumed: "9" } },
    ]);
    expect(reconnects).toEqual(["hub_unreachable"]);
    expect(calls[0]?.url).toBe("/base/api/v1/stream?topics=event%2Cenvironment%2Cmetrics&environment=a%2C2");
  });

  test("waits for a hub that is away, and gives up on one that refuses", async () => {
    let count = 0;
    answer = (response) => {
      count += 1;
      if (count === 1) json(503, { code: "shutting_down", message: "Stopping." })(response);
      else json(401, { code: "unauthenticated", message: "No." })(response);
    };
    const error = await failure(client.stream().next());
    expect([error.code, count]).toEqual(["unauthenticated", 2]);
  });

  test("takes silence for a dead connection", async () => {
    let count = 0;
    answer = (response) => {
      count += 1;
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      if (count === 2) response.write("event: event\ndata: {}\n\n");
    };
    const stream = client.stream({ silenceTimeoutMs: 200 });
    expect(await stream.next()).toMatchObject({ value: { topic: "event" } });
    await stream.return(undefined);
    expect(count).toBe(2);
  });
});
