import { MAX_BODY_BYTES, MAX_REQUESTS_IN_FLIGHT } from "@fairlead/protocol";
import {
  type FakeEngine,
  type LegacyHub,
  type LegacyHubConnection,
  patternSha256,
  startFakeEngine,
  startLegacyHub,
  waitFor,
} from "@fairlead/testkit";
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startTestEdgeAgent, type TestEdgeAgent, type TestEdgeOptions } from "./edge-agent-fixture.ts";

let engine: FakeEngine;
let hub: LegacyHub;
let agent: TestEdgeAgent;
let connection: LegacyHubConnection;

beforeEach(async () => {
  engine = await startFakeEngine();
  hub = await startLegacyHub();
  agent = await startTestEdgeAgent({ url: hub.url, token: hub.token, socketPath: engine.socketPath });
  connection = await hub.waitForAgent();
});

/** Another agent in the place of the first. */
async function replaceAgent(options: Pick<TestEdgeOptions, "config" | "options">): Promise<void> {
  await agent[Symbol.asyncDispose]();
  const after = hub.connections.length;
  agent = await startTestEdgeAgent({ url: hub.url, token: hub.token, socketPath: engine.socketPath, ...options });
  connection = await hub.waitForAgent(after);
}

afterEach(async () => {
  await agent[Symbol.asyncDispose]();
  await hub.stop();
  await engine.stop();
});

/** The message of a Docker-style error body. */
function messageOf(body: Buffer): string {
  return (JSON.parse(body.toString()) as { message: string }).message;
}

describe("requests", () => {
  test("method, path, headers and a JSON body reach the engine as they are", async () => {
    let got: unknown;
    engine.handle("POST /containers/create", async (call) => {
      const { headers, url, method } = call.request;
      got = { headers, url, method, body: (await call.body()).toString() };
      call.response.setHeader("x-twice", ["a", "b"]);
      call.json(201, { Id: "1" });
    });
    const headers = {
      "X-Registry-Auth": "e30=",
      Host: "evil",
      Connection: "x-drop, close",
      "X-Drop": "1",
      "Content-Length": "3",
    };
    const answer = await connection.request("POST", "/v1.43/containers/create?name=a%20b", {
      headers,
      body: { Image: "busybox", Big: 1 },
    });
    expect(answer.statusCode).toBe(201);
    expect(answer.headers).toMatchObject({
      "X-Twice": "a, b",
      "Content-Type": "application/json",
      "Content-Length": "11",
    });
    expect(answer.headers).not.toHaveProperty("Connection");
    expect(got).toEqual({
      method: "POST",
      url: "/v1.43/containers/create?name=a%20b",
      body: `{"Image":"busybox","Big":1}`,
      headers: {
        "x-registry-auth": "e30=",
        "content-type": "application/json",
        "content-length": "27",
        host: "localhost",
        connection: "keep-alive",
      },
    });
  });

  test("bytes of a tar arrive as bytes, with the content type given", async () => {
    const tar = Buffer.from([0, 255, 1, 2, 128, 10]);
    const headers = { "content-type": "application/x-tar" };
    const answer = await connection.request("PUT", "/containers/c/archive?path=/", { headers, body: tar });
    const sha256 = createHash("sha256").update(tar).digest("hex");
    expect(JSON.parse(answer.body.toString())).toEqual({ bytes: 6, sha256 });
    expect(engine.requests.at(-1)?.headers["content-type"]).toBe("application/x-tar");
  });

  test("HEAD, 204 and 304 have no body, and HEAD keeps its length", async () => {
    engine.handle("POST /containers/*/start", ({ response }) => void response.writeHead(304).end());
    engine.handle("POST /containers/*/kill", ({ response }) => void response.writeHead(204).end());
    engine.handle("HEAD /containers/*/archive", ({ response }) => {
      response.writeHead(404, { "content-length": 60, "x-docker-container-path-stat": "e30=" }).end();
    });
    const start = await connection.request("POST", "/containers/c/start");
    expect([start.statusCode, start.message["body"]]).toEqual([304, undefined]);
    const kill = await connection.request("POST", "/containers/c/kill");
    expect([kill.statusCode, kill.message["body"]]).toEqual([204, undefined]);
    const head = await connection.request("HEAD", "/containers/c/archive?path=/x");
    expect([head.statusCode, head.message["body"]]).toEqual([404, undefined]);
    expect(head.headers).toMatchObject({ "Content-Length": "60", "X-Docker-Container-Path-Stat": "e30=" });
    expect((await connection.request("GET", "/_ping")).body.toString()).toBe("OK");
  });

  test("64 at once are all answered", async () => {
    const answers = await Promise.all(Array.from({ length: 64 }, () => connection.request("GET", "/version")));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array.from({ length: 64 }, () => 200));
  });

  test("an engine that is down is said at once: 503 with Docker's kind of message", async () => {
    await engine.goAway();
    const answer = await connection.request("GET", "/info");
    expect(answer.statusCode).toBe(503);
    expect(messageOf(answer.body)).toMatch(/^Cannot connect to the Docker Engine at unix:.*ENOENT/);
    const stream = connection.streamRequest("GET", "/events");
    expect((await stream.response()).statusCode).toBe(503);
    expect((await stream.ended())["reason"]).toBe("error");
    await engine.listen();
    expect((await connection.request("GET", "/info")).statusCode).toBe(200);
  });

  test("an engine that says nothing: 504; one that is cut off or speaks no HTTP: DOCKER_ERROR; half an answer: READ_ERROR", async () => {
    await replaceAgent({ config: { requestTimeoutMs: 300 } });
    engine.fault("GET /info", { kind: "stall" }, 1);
    const silent = await connection.request("GET", "/info");
    expect([silent.statusCode, messageOf(silent.body)]).toEqual([504, expect.stringContaining("within 0.3 s")]);
    engine.fault("GET /info", { kind: "stallBody", afterBytes: 10 }, 1);
    expect((await connection.request("GET", "/info")).statusCode).toBe(504);
    await replaceAgent({});
    engine.fault("POST /info", { kind: "cut" }, 1);
    await expect(connection.request("POST", "/info")).rejects.toThrow("DOCKER_ERROR");
    engine.fault("GET /info", { kind: "garbage" }, 1);
    await expect(connection.request("GET", "/info")).rejects.toThrow("DOCKER_ERROR");
    engine.fault("GET /info", { kind: "cutBody", afterBytes: 10 }, 1);
    await expect(connection.request("GET", "/info")).rejects.toThrow("READ_ERROR");
    expect((await connection.request("GET", "/info")).statusCode).toBe(200);
  });

  test("`stop` may take the seconds that it asks for, and `wait` as long as it takes", async () => {
    await replaceAgent({ config: { requestTimeoutMs: 300 } });
    const slowly = async ({ json }: { json: (status: number, value: unknown) => void }): Promise<void> => {
      await new Promise((resolve) => {
        setTimeout(resolve, 600);
      });
      json(200, {});
    };
    for (const route of ["stop", "wait", "kill"]) engine.handle(`POST /containers/*/${route}`, slowly);
    const statuses = ["stop?t=1", "wait", "kill"].map(async (call) => {
      return (await connection.request("POST", `/v1.44/containers/c/${call}`)).statusCode;
    });
    expect(await Promise.all(statuses)).toEqual([200, 200, 504]);
  });

  test("a call that is not valid HTTP is refused, and cannot smuggle another", async () => {
    const before = engine.requestCount;
    const bad = [
      connection.request("GET", "http://elsewhere/"),
      connection.request("", "/info"),
      connection.request("CONNECT", "/info"),
      connection.request("GET /x HTTP/1.1\r\n", "/info"),
      connection.request("GET", "/info", { headers: { "x-a": "1\r\nx-b: 2" } }),
      connection.request("GET", "/info", { headers: { "x a": "1" } }),
    ];
    expect((await Promise.all(bad)).map(({ statusCode }) => statusCode)).toEqual(bad.map(() => 400));
    expect(engine.requestCount).toBe(before);
    const spaced = await connection.request("GET", "/info HTTP/1.1\r\nx: é");
    expect(spaced.statusCode).toBe(404);
    expect(engine.requests.at(-1)?.url).toBe("/info%20HTTP/1.1%0D%0Ax:%20%C3%A9");
  });

  test("an answer over the limit of 1.0 is a 502 that says so, one at the limit arrives", async () => {
    const large = await connection.request("GET", `/fairlead-test/bytes?n=${MAX_BODY_BYTES}`);
    expect(createHash("sha256").update(large.body).digest("hex")).toBe(patternSha256(MAX_BODY_BYTES));
    const tooLarge = await connection.request("GET", `/fairlead-test/bytes?n=${MAX_BODY_BYTES + 1}`);
    expect(tooLarge.statusCode).toBe(502);
    expect(messageOf(tooLarge.body)).toContain(`over ${MAX_BODY_BYTES} bytes`);
  });

  test("many large answers at once: memory is bounded, what has no room is refused, and the room comes back", async () => {
    const ask = (): Promise<number[]> =>
      Promise.all(
        Array.from({ length: 8 }, async () => {
          return (await connection.request("GET", `/fairlead-test/bytes?n=${12 * 1024 * 1024}`)).statusCode;
        }),
      );
    for (const statuses of [await ask(), await ask()]) {
      expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(4);
      expect(statuses.every((status) => status === 200 || status === 503)).toBe(true);
    }
  });

  test("cancelled: the call ends at the engine", async () => {
    engine.fault("GET /info", { kind: "stall" });
    connection.send({
      type: "request",
      requestId: "slow",
      method: "POST",
      path: "/containers/x/wait",
      streaming: false,
    });
    connection.send({ type: "request", requestId: "c1", method: "GET", path: "/info", streaming: false });
    await waitFor(() => engine.requests.some(({ url }) => url === "/info"), { what: "the call" });
    connection.send({ type: "stream_end", requestId: "c1", reason: "cancelled" });
    const end = await connection.waitForMessage("stream_end", ({ requestId }) => requestId === "c1");
    expect(end["reason"]).toBe("cancelled");
    await waitFor(() => engine.requests.find(({ url }) => url === "/info")?.aborted, { what: "the end at the engine" });
  });

  test("over the limit of open requests: 503, the others go on", async () => {
    engine.handle("POST /containers/*/wait", () => {});
    for (let index = 0; index < MAX_REQUESTS_IN_FLIGHT; index += 1) {
      connection.send({
        type: "request",
        requestId: `r${index}`,
        method: "POST",
        path: "/containers/c/wait",
        streaming: true,
      });
    }
    const over = await connection.request("GET", "/_ping");
    expect([over.statusCode, messageOf(over.body)]).toEqual([
      503,
      expect.stringContaining(String(MAX_REQUESTS_IN_FLIGHT)),
    ]);
    connection.send({ type: "stream_end", requestId: "r5", reason: "cancelled" });
    await connection.waitForMessage("stream_end", ({ requestId }) => requestId === "r5");
    expect((await connection.request("GET", "/_ping")).statusCode).toBe(200);
  });

  test("an id that is open is refused, and its first request is still answered", async () => {
    let answer = (): void => {};
    engine.handle("POST /containers/*/wait", ({ json }) => void (answer = () => json(200, { StatusCode: 7 })));
    const first = { type: "request", requestId: "same", method: "POST", path: "/containers/c/wait", streaming: false };
    connection.send(first);
    connection.send(first);
    await connection.waitForMessage(
      "error",
      ({ requestId, code }) => requestId === "same" && code === "duplicate_request",
    );
    connection.send({ ...first, requestId: "" });
    await connection.waitForMessage("error", ({ code }) => code === "invalid_message");
    answer();
    const response = await connection.waitForMessage("response", ({ requestId }) => requestId === "same");
    expect(response["statusCode"]).toBe(200);
  });

  test("compose: its output as it comes when asked for, then the one response; errors with their code", async () => {
    await replaceAgent({
      options: {
        hasCompose: () => Promise.resolve(true),
        compose: async (body, { onOutput, signal }) => {
          const { operation } = body as { operation: string };
          if (operation === "fail") throw new Error("no such operation");
          if (operation === "hang") await new Promise((_resolve, reject) => signal.addEventListener("abort", reject));
          onOutput?.("line 1\n");
          onOutput?.("line 2\n");
          return { status: 200, result: { success: true, output: "line 1\nline 2\n", exitCode: 0 } };
        },
      },
    });
    expect(connection.hello?.["capabilities"]).toEqual(["exec", "metrics", "events", "compose", "streams/1"]);
    const path = "/_hawser/compose";
    const quiet = await connection.request("POST", path, { body: { operation: "up" } });
    expect(quiet.message).toEqual({
      type: "response",
      requestId: expect.any(String),
      statusCode: 200,
      body: `{"success":true,"output":"line 1\\nline 2\\n","exitCode":0}`,
    });
    expect(connection.received("stream")).toEqual([]);
    const loud = connection.streamRequest("POST", path, { body: { operation: "up", streamOutput: true } });
    expect((await loud.response()).statusCode).toBe(200);
    expect(loud.data().toString()).toBe("line 1\nline 2\n");
    await expect(connection.request("POST", path, { body: { operation: "fail" } })).rejects.toThrow("COMPOSE_ERROR");
    await expect(connection.request("POST", path, { body: "no json" })).rejects.toThrow("COMPOSE_ERROR");
    const hanging = connection.streamRequest("POST", path, { body: { operation: "hang" } });
    hanging.cancel();
    expect((await hanging.ended())["reason"]).toBe("cancelled");
  });
});

describe("streams", () => {
  test("an empty piece as soon as the head is there, the body byte for byte, the end", async () => {
    let proceed = (): void => {};
    engine.handle("POST /containers/*/wait", ({ response }) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.flushHeaders();
      proceed = () => void response.end(`{"StatusCode":3}`);
    });
    const stream = connection.streamRequest("POST", "/v1.43/containers/c/wait");
    await waitFor(() => stream.parts().length === 1, { what: "the sign that the head came" });
    expect(stream.parts()[0]?.data.length).toBe(0);
    proceed();
    expect((await stream.ended())["reason"]).toBe("completed");
    expect(stream.data().toString()).toBe(`{"StatusCode":3}`);
  });

  test("32 MiB arrive whole, in pieces of at most 64 KiB", async () => {
    const bytes = 32 * 1024 * 1024;
    const stream = connection.streamRequest("GET", `/images/get?bytes=${bytes}&chunked=1`);
    expect((await stream.ended())["reason"]).toBe("completed");
    expect(Math.max(...stream.parts().map(({ data }) => data.length))).toBeLessThanOrEqual(64 * 1024);
    expect(createHash("sha256").update(stream.data()).digest("hex")).toBe(patternSha256(bytes));
  });

  test("a stream that breaks off ends with READ_ERROR and `error`, never `completed`", async () => {
    engine.fault("GET /images/get", { kind: "cutBody", afterBytes: 100_000 });
    const stream = connection.streamRequest("GET", "/images/get");
    expect((await stream.ended())["reason"]).toBe("error");
    expect(stream.data().length).toBe(100_000);
    const { requestId } = stream;
    const error = await connection.waitForMessage("error", (message) => message["requestId"] === requestId);
    expect(error["code"]).toBe("READ_ERROR");
  });

  test("another status than 2xx is a response, then the end", async () => {
    engine.fault("GET /images/get", { kind: "status", status: 404, message: "No such image" });
    const stream = connection.streamRequest("GET", "/images/get");
    const response = await stream.response();
    expect([response.statusCode, messageOf(response.body)]).toEqual([404, "No such image"]);
    expect((await stream.ended())["reason"]).toBe("completed");
    expect(stream.parts()).toEqual([]);
  });

  test("cancelled by the hub, or by the connection's end: the engine is rid of it", async () => {
    const first = connection.streamRequest("GET", "/events");
    const second = connection.streamRequest("GET", "/events");
    // The agent itself listens, too.
    await waitFor(() => engine.eventListeners === 3, { what: "both streams" });
    first.cancel();
    expect((await first.ended())["reason"]).toBe("cancelled");
    await waitFor(() => engine.eventListeners === 2, { what: "the end of the first" });
    expect(second.parts()).toHaveLength(1);
    connection.terminate();
    await waitFor(() => engine.eventListeners === 1, { what: "the end of the second" });
  });

  test("a hub that does not read stops the engine's flow; small messages and other streams go on when it reads again", async () => {
    const stream = connection.streamRequest("GET", `/fairlead-test/bytes?n=${1024 * 1024 * 1024}`);
    await stream.waitForData((data) => data.length > 0);
    connection.socket.pause();
    const before = process.memoryUsage().rss;
    await waitFor(() => engine.openConnections > 0, { what: "the stream" });
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
    connection.socket.resume();
    // Answered long before the gibibyte is through.
    await connection.ping(1234);
    expect((await connection.request("GET", "/_ping")).statusCode).toBe(200);
    expect(connection.received("stream_end")).toEqual([]);
    stream.cancel();
    await stream.ended();
  });
});
