import { createHash } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type FakeEngine, startFakeEngine } from "./fake-engine.ts";
import { patternBytes, patternSha256 } from "./pattern.ts";
import { waitFor } from "./wait-for.ts";

let engine: FakeEngine;
beforeAll(async () => {
  engine = await startFakeEngine();
});
afterAll(() => engine.stop());
afterEach(() => engine.clearFaults());

async function call(method: string, path: string, body?: Uint8Array): Promise<IncomingMessage> {
  const outgoing = request({ socketPath: engine.socketPath, method, path, agent: false });
  outgoing.end(body);
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  return response;
}

async function textOf(method: string, path: string, body?: Uint8Array): Promise<string> {
  const response = await call(method, path, body);
  return Buffer.concat((await response.toArray()) as Buffer[]).toString();
}

test("answers as an engine, with or without a version", async () => {
  engine.containers = [{ Id: "c0ffee0123", Names: ["/web"] }];
  expect(await textOf("GET", "/_ping")).toBe("OK");
  expect(JSON.parse(await textOf("GET", "/v1.45/containers/json?all=1"))).toEqual(engine.containers);
  expect(JSON.parse(await textOf("GET", "/containers/web/json"))).toMatchObject({ Id: "c0ffee0123" });
  expect((await call("GET", "/v1.45/containers/none/json")).statusCode).toBe(404);
  engine.handle("GET /images/*/json", ({ json, path }) => json(200, { path }));
  expect(JSON.parse(await textOf("GET", "/v1.45/images/abc/json"))).toEqual({ path: "/images/abc/json" });
  expect(engine.requests.at(-1)).toMatchObject({ method: "GET", url: "/v1.45/images/abc/json" });
});

test("downloads and uploads of any size are exact", async () => {
  const bytes = 5_000_001;
  const framings = { "": "content-length", "&chunked=1": "transfer-encoding", "&eof=1": "connection" };
  for (const [query, header] of Object.entries(framings)) {
    const response = await call("GET", `/v1.45/images/get?bytes=${bytes}${query}`);
    expect(Object.keys(response.headers)).toContain(header);
    const hasFraming = "content-length" in response.headers || "transfer-encoding" in response.headers;
    expect(hasFraming).toBe(query !== "&eof=1");
    const body = Buffer.concat((await response.toArray()) as Buffer[]);
    expect(createHash("sha256").update(body).digest("hex")).toBe(patternSha256(bytes));
    expect(body.subarray(-10).equals(patternBytes(10, bytes - 10))).toBe(true);
  }
  const answer: unknown = JSON.parse(await textOf("PUT", "/v1.45/containers/x/archive?path=/", patternBytes(bytes)));
  expect(answer).toEqual({ bytes, sha256: patternSha256(bytes) });
  expect(engine.requests.at(-1)).toMatchObject({ bodyBytes: bytes, bodyEnded: true });
  expect(await textOf("POST", "/images/load?hash=off", patternBytes(bytes))).toBe(`{"bytes":${bytes}}\n`);
});

test("an upload that breaks off is seen as such", async () => {
  const outgoing = request({ socketPath: engine.socketPath, method: "POST", path: "/images/load", agent: false });
  outgoing.on("error", () => {});
  outgoing.write("some of it");
  await waitFor(() => engine.requests.at(-1)?.bodyBytes === 10, { what: "the bytes to arrive" });
  outgoing.destroy();
  await waitFor(() => engine.requests.at(-1)?.aborted, { what: "the break to be seen" });
  expect(engine.requests.at(-1)).toMatchObject({ bodyBytes: 10, bodyEnded: false, finished: false });
});

test("an upgraded connection echoes, and ends after the caller has", async () => {
  const socket = connect({ path: engine.socketPath, allowHalfOpen: true });
  const body = '{"Tty":true}';
  const head = `POST /v1.45/exec/e/start HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: ${body.length}\r\n\r\n`;
  socket.write(head + body.slice(0, 5));
  let text = "";
  socket.on("data", (data: Buffer) => (text += data.toString()));
  await waitFor(() => text.includes("\r\n\r\n"), { what: "the head" });
  expect(text).toMatch(/^HTTP\/1.1 101 UPGRADED\r\n/);
  socket.end(`${body.slice(5)}raw bytes`);
  await once(socket, "end");
  expect(text.split("\r\n\r\n")[1]).toBe("raw bytes");
});

test("events until a time that is to come end then, as an engine's do", async () => {
  engine.emitEvent({ Action: "start", Actor: { ID: "c2" } });
  const until = Date.now() + 300;
  const text = await textOf("GET", `/events?since=${until / 1_000 - 60}&until=${until / 1_000}`);
  expect(Date.now()).toBeGreaterThanOrEqual(until - 2);
  expect(JSON.parse(text)).toMatchObject({ Action: "start", Actor: { ID: "c2" } });
  expect(engine.eventListeners).toBe(0);
});

test("events come as they happen, and again with since", async () => {
  const live = await call("GET", "/events");
  const lines = createInterface({ input: live })[Symbol.asyncIterator]();
  engine.emitEvent({ Action: "start", Actor: { ID: "c1" }, time: 1_000 });
  expect(JSON.parse(String((await lines.next()).value))).toMatchObject({
    Type: "container",
    Action: "start",
    time: 1_000,
  });
  engine.emitEvent({ Action: "die", Actor: { ID: "c1" }, time: 2_000 });
  const replay = await textOf("GET", "/events?since=1500&until=3000");
  expect(JSON.parse(replay)).toMatchObject({ Action: "die", timeNano: 2e12 });
  live.destroy();
  await waitFor(() => engine.eventListeners === 0, { what: "the listener to be gone" });
  expect(engine.requests.find(({ url }) => url === "/events")).toMatchObject({ aborted: true });
});

test("faults: status, garbage, cut, cut body, stall", async () => {
  engine.fault("GET /info", { kind: "status", status: 503, message: "no engine" }, 1);
  expect(await textOf("GET", "/v1.45/info")).toBe('{"message":"no engine"}\n');
  expect((await call("GET", "/info")).statusCode).toBe(200);

  engine.fault("* /version", { kind: "garbage" }, 1);
  await expect(call("GET", "/version")).rejects.toThrow(/Parse Error/);
  engine.fault("* /version", { kind: "cut" }, 1);
  await expect(call("GET", "/version")).rejects.toThrow(/hang up|ECONNRESET/);

  engine.fault("GET /images/get", { kind: "cutBody", afterBytes: 100 });
  const response = await call("GET", "/images/get");
  await expect(response.toArray()).rejects.toThrow(/aborted/);

  engine.fault("GET /_ping", { kind: "stall" });
  const stalled = call("GET", "/_ping");
  const failed = expect(stalled).rejects.toThrow(/hang up|ECONNRESET/);
  await waitFor(() => engine.requests.at(-1)?.url === "/_ping", { what: "the ping to arrive" });
  expect(engine.requests.at(-1)).toMatchObject({ finished: false, aborted: false });
  await engine.goAway();
  await failed;
  await engine.listen();
  engine.clearFaults();
  expect(await textOf("GET", "/_ping")).toBe("OK");
});
