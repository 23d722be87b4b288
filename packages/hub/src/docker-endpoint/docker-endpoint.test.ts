import { Agent, type IncomingMessage, request as httpRequest } from "node:http";
import { type FakeEngine, patternSha256, startFakeEngine, startFaultyNetwork, waitFor } from "@fairlead/testkit";
import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type EndpointUnderTest, startEndpoint } from "./endpoint-fixture.ts";
import { RawCaller } from "./raw-caller-fixture.ts";

let engine: FakeEngine;
let hub: EndpointUnderTest;

beforeAll(async () => {
  engine = await startFakeEngine();
  hub = await startEndpoint({ kind: "socket", address: `unix://${engine.socketPath}` });
});

afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
  await engine?.stop();
});

afterEach(() => engine.clearFaults());

const url = (path: string): string => `http://127.0.0.1:${hub.port}${hub.prefix}${path}`;
const lastRequest = () => engine.requests.at(-1)!;

/** Asks and resolves with the answer's head; the body is unread. */
function head(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { body, ...rest } = options;
  const request = httpRequest(
    url(path),
    { agent: new Agent({ keepAlive: false }), maxHeaderSize: 256 * 1024, ...rest },
    resolve,
  );
  request.on("error", reject);
  request.end(body);
  return promise;
}

async function digest(answer: IncomingMessage): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of answer) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

describe("an ordinary call", () => {
  test("reaches the engine as sent, without the hub's own headers", async () => {
    const path = "/v1.44/containers/a%2Fb%20c/json?filters=%7B%22x%22%3A%5B%22%C3%BC%22%5D%7D&empty=";
    await (
      await head(path, {
        headers: { Authorization: "Bearer fl_x", Cookie: "a=b", "X-Registry-Auth": "e30=", Accept: "a/b" },
      })
    ).toArray();
    const { url: seen, headers } = lastRequest();
    expect(seen).toBe(path);
    expect(headers).toEqual({ "x-registry-auth": "e30=", accept: "a/b", host: "localhost", connection: "keep-alive" });
  });

  test("has its head before any byte of its body", async () => {
    engine.handle("POST /containers/x/wait", ({ response }) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.flushHeaders();
    });
    const answer = await head("/v1.44/containers/x/wait", { method: "POST" });
    expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, "application/json"]);
    answer.destroy();
    await waitFor(() => lastRequest().aborted, { what: "the engine to see that the caller left" });
  });

  test("without a body has none at the engine: not an empty chunked one", async () => {
    for (const method of ["POST", "PUT", "GET", "DELETE"]) {
      const caller = new RawCaller(hub.port);
      caller.send(`${method} ${hub.prefix}/containers/x/start HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      await caller.ended();
      caller.socket.end();
      expect(lastRequest().headers["transfer-encoding"]).toBeUndefined();
      expect(lastRequest().headers["content-length"]).toBe(method.startsWith("P") ? "0" : undefined);
    }
  });

  test("carries large bodies both ways, chunked or with a length", async () => {
    const bytes = 60_000_000;
    for (const more of ["", "&chunked=1"]) {
      expect(await digest(await head(`/fairlead-test/bytes?n=${bytes}${more}`))).toBe(patternSha256(bytes));
    }
    const source = await head(`/fairlead-test/bytes?n=${bytes}`);
    const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
    source.pipe(httpRequest(url("/fairlead-test/sink"), { method: "POST" }, resolve));
    const [text] = (await (await promise).toArray()) as Buffer[];
    expect(JSON.parse(text!.toString())).toEqual({ bytes, sha256: patternSha256(bytes) });
  });

  test("keeps a head of 100 kB", async () => {
    const config = "x".repeat(100_000);
    const answer = await head("/_ping", { headers: { "X-Registry-Config": config } });
    expect(answer.statusCode).toBe(200);
    expect(lastRequest().headers["x-registry-config"]).toBe(config);
    engine.handle("GET /large-head", ({ response }) => void response.writeHead(200, { "X-Large": config }).end());
    expect((await head("/large-head")).headers["x-large"]).toBe(config);
  });

  test("keeps answers without a body as they are", async () => {
    engine.handle("HEAD /containers/x/archive", ({ response }) => {
      response.writeHead(404, { "content-length": 60, "x-docker-container-path-stat": "eyJ9" }).end();
    });
    engine.handle("POST /containers/x/start", ({ response }) => void response.writeHead(304).end());
    engine.handle("POST /containers/x/stop", ({ response }) => void response.writeHead(204).end());
    const archive = await head("/containers/x/archive?path=/", { method: "HEAD" });
    expect([
      archive.statusCode,
      archive.headers["content-length"],
      archive.headers["x-docker-container-path-stat"],
    ]).toEqual([404, "60", "eyJ9"]);
    for (const [action, status] of [
      ["start", 304],
      ["stop", 204],
    ] as const) {
      const answer = await head(`/containers/x/${action}`, { method: "POST" });
      expect([answer.statusCode, answer.headers["content-length"], answer.headers["transfer-encoding"]]).toEqual([
        status,
        undefined,
        undefined,
      ]);
      expect(await answer.toArray()).toEqual([]);
    }
  });

  test("keeps status text, repeated headers and trailers", async () => {
    engine.handle("GET /odd", ({ response }) => {
      response.writeHead(299, "Quite So", ["Warning", "1", "Warning", "2", "Trailer", "X-End"]);
      response.write("body");
      response.addTrailers({ "X-End": "yes" });
      response.end();
    });
    const answer = await head("/odd");
    expect(await answer.toArray()).toHaveLength(1);
    expect([answer.statusCode, answer.statusMessage, answer.headersDistinct["warning"], answer.trailers]).toEqual([
      299,
      "Quite So",
      ["1", "2"],
      { "x-end": "yes" },
    ]);
  });

  test("with Expect: 100-continue is told by the engine whether to go on", async () => {
    const caller = new RawCaller(hub.port);
    const ask = (path: string): string =>
      `POST ${hub.prefix}${path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`;
    caller.send(ask("/fairlead-test/sink"));
    await caller.until("HTTP/1.1 100 Continue\r\n\r\n");
    caller.send("hello");
    await caller.until('"bytes":5');
    expect(caller.text.match(/100 Continue/g)).toHaveLength(1);
    caller.socket.destroy();
  });

  test("gets an early answer while its body is still being sent, however long that is", async () => {
    engine.fault("PUT /containers/nosuch/archive", {
      kind: "status",
      status: 404,
      message: "No such container: nosuch",
      early: true,
    });
    const caller = new RawCaller(hub.port);
    caller.send(
      `PUT ${hub.prefix}/v1.44/containers/nosuch/archive?path=/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    // Until the answer is there, and a good while longer.
    for (let sent = 0; sent < 400 || !caller.text.includes("\r\n\r\n"); sent += 1) {
      if (!caller.socket.write(chunk)) await new Promise((resolve) => caller.socket.once("drain", resolve));
    }
    caller.send("0\r\n\r\n");
    await caller.until('{"message":"No such container: nosuch"}\n');
    expect(caller.text).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
    expect(caller.error).toBeUndefined();
    caller.socket.destroy();
  });

  test("an h2c offer, as some HTTP clients make it on every call, changes nothing", async () => {
    const answer = await head("/_ping", {
      headers: {
        Connection: "Upgrade, HTTP2-Settings",
        Upgrade: "h2c",
        "HTTP2-Settings": "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
      },
    });
    expect([answer.statusCode, ...(await answer.toArray()).map(String)]).toEqual([200, "OK"]);
  });
});

describe("what breaks", () => {
  test.each([
    ["with a length", {}],
    ["chunked", { "transfer-encoding": "chunked" }],
  ])("an answer %s that the engine cuts is aborted, not short and clean", async (_how, headers) => {
    engine.fault("GET /cut", { kind: "cutBody", afterBytes: 1000, totalBytes: 5000, headers });
    const answer = await head("/cut");
    await expect(answer.toArray()).rejects.toThrow("aborted");
  });

  test("an answer that ends with its connection is aborted when that is reset", async () => {
    await using network = await startFaultyNetwork({ path: engine.socketPath });
    await using far = await startEndpoint({ kind: "direct", address: `tcp://${network.address}` });
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const path = `${far.prefix}/images/get?bytes=20000000&eof=1`;
    httpRequest({ port: far.port, path, agent: false }, resolve).on("error", reject).end();
    const answer = await promise;
    network.cut();
    await expect(answer.toArray()).rejects.toThrow("aborted");
  });

  test("HTTP/1.0 callers, who know no chunks, see a reset", async () => {
    engine.fault("GET /cut", { kind: "cutBody", afterBytes: 1000, headers: { "transfer-encoding": "chunked" } });
    const caller = new RawCaller(hub.port);
    caller.send(`GET ${hub.prefix}/cut HTTP/1.0\r\n\r\n`);
    await caller.closed();
    expect(caller.error?.code).toBe("ECONNRESET");
  });

  test.each([
    ["cut", { kind: "cut" }],
    ["garbage", { kind: "garbage" }],
  ] as const)("an engine that gives no answer (%s) is a 502 in Docker's words", async (_kind, fault) => {
    engine.fault("GET /bad", fault);
    const answer = await fetch(url("/bad"));
    expect(answer.status).toBe(502);
    expect(await answer.json()).toEqual({
      message: expect.stringMatching(/^Environment test: .*engine\.sock|docker\.sock/),
    });
  });

  test("an engine that is away is a 503 that says where it was looked for", async () => {
    await engine.goAway();
    const answer = await fetch(url("/_ping"));
    await engine.listen();
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ message: expect.stringContaining(engine.socketPath) });
  });

  test("a caller that leaves while it sends reaches the engine", async () => {
    const caller = new RawCaller(hub.port);
    const before = engine.requestCount;
    caller.send(`POST ${hub.prefix}/fairlead-test/sink HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nsome`);
    await waitFor(() => engine.requestCount > before, { what: "the request" });
    caller.socket.destroy();
    await waitFor(() => lastRequest().aborted, { what: "the engine to see it" });
  });

  test("a reader that stalls holds nobody else, and little memory", async () => {
    const stalled = await Promise.all(Array.from({ length: 5 }, () => head("/fairlead-test/bytes?n=1000000000")));
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 50; count += 1) expect((await fetch(url("/_ping"))).status).toBe(200);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
    for (const answer of stalled) answer.destroy();
  });

  test("50 callers at once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => head("/fairlead-test/bytes?n=300000").then(digest)),
    );
    expect(new Set(answers)).toEqual(new Set([patternSha256(300_000)]));
  });

  test.each([
    ["/v1.44/../../x", 400],
    ["/v1.44/%2e%2E/x", 400],
    ["/v1.44/%zz", 400],
    ["/_hawser/compose", 404],
    ["//%5Fhawser/info", 404],
  ])("the path %s is refused with %d", async (path, status) => {
    const before = engine.requestCount;
    const caller = new RawCaller(hub.port);
    caller.send(`POST ${hub.prefix}${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    expect(await caller.ended()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*\\r\\n\\r\\n{"message":`));
    caller.socket.end();
    expect(engine.requestCount).toBe(before);
  });
});
