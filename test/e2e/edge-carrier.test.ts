import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CreatedEnvironment, Environment } from "@fairlead/protocol/rest";
import {
  type AgentProgram,
  download,
  type FakeEngine,
  type HubProgram,
  startAgent,
  startFakeEngine,
  startHub,
  startLegacyHub,
  upload,
  waitFor,
} from "@fairlead/testkit";
import { RawCaller } from "./raw-caller.ts";
import { type RawCall, RawEngine } from "./raw-engine.ts";

// What a carrier of the Docker API must get right, byte for byte: an engine that says exactly what it is told, and callers that do.
let hub: HubProgram;
let engine: RawEngine;
let fake: FakeEngine;
let agents: AgentProgram[];
beforeAll(async () => {
  [hub, engine, fake] = await Promise.all([startHub(), RawEngine.open(), startFakeEngine()]);
  agents = await Promise.all([startEdge("raw", engine.socketPath), startEdge("fake", fake.socketPath)]);
});
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()));
  await hub.stop();
  await engine[Symbol.asyncDispose]();
  await fake.stop();
});

async function api<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${hub.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${hub.token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

async function startEdge(name: string, dockerSocket: string, env: Record<string, string> = {}): Promise<AgentProgram> {
  const { agentToken } = await api<CreatedEnvironment>("POST", "/environments", { name, kind: "edge" });
  if (agentToken === undefined) throw new Error("no agent token");
  const serverUrl = `${hub.url.replace("http", "ws")}/api/hawser/connect`;
  const agent = await startAgent({ serverUrl, token: agentToken, dockerSocket, env });
  await waitFor(async () => (await api<Environment>("GET", `/environments/${name}`)).link.state === "up", {
    what: `${name} to be up`,
  });
  return agent;
}

function ask(method: string, path: string, headers: readonly string[] = [], environment = "raw"): RawCaller {
  return new RawCaller(hub, method, `/api/v1/environments/${environment}/docker${path}`, headers);
}

const OK_CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const LAST_CHUNK = "0\r\n\r\n";

describe("heads", () => {
  test.each(["chunked", "length"])("come before the first byte of the body: %s", async (framing) => {
    const header = framing === "chunked" ? "Transfer-Encoding: chunked" : "Content-Length: 5";
    const asked = engine.next("/v1.45/events", ({ socket }) => socket.write(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n`));
    using caller = ask("GET", "/v1.45/events");
    await caller.until("\r\n\r\n");
    expect([caller.head, caller.body]).toEqual([expect.stringContaining("HTTP/1.1 200 OK"), ""]);
    const call = await asked;
    call.say(framing === "chunked" ? `5\r\nhello\r\n${LAST_CHUNK}` : "hello");
    await caller.until("hello");
    if (framing === "chunked") await caller.until(LAST_CHUNK);
  });

  test("a caller that waits for 100 gets the engine's, and the body goes after it", async () => {
    const asked = engine.next("/images/load");
    using caller = ask("POST", "/images/load", ["Expect: 100-continue", "Content-Length: 5"]);
    const call = await asked;
    expect(call.head).toMatch(/\r\nExpect: 100-continue\r\n/i);
    // Nobody invents one.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([caller.text, call.text]).toEqual(["", ""]);
    call.say("HTTP/1.1 100 Continue\r\n\r\n");
    await caller.until("HTTP/1.1 100 Continue\r\n\r\n");
    caller.say("hello");
    await call.until("hello");
    call.say("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok");
    await caller.until("\r\n\r\nok");
    expect(caller.text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 Created\r\n/);
  });

  test("a caller that waits for 100 and is refused gets the refusal alone", async () => {
    void engine.next("/images/load", (call) => call.say("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone"));
    using caller = ask("POST", "/images/load", ["Expect: 100-continue", "Content-Length: 5"]);
    await caller.until("\r\n\r\nnone");
    expect(caller.text).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
  });

  test("of 100 kB travel both ways", async () => {
    const large = "x".repeat(100_000);
    const asked = engine.next("/build", (call) =>
      call.say(`HTTP/1.1 200 OK\r\nX-Large: ${large}\r\nContent-Length: 2\r\n\r\nok`),
    );
    using caller = ask("POST", "/build", [`X-Registry-Config: ${large}`, "Content-Length: 0"]);
    await caller.until("\r\n\r\nok");
    expect((await asked).head).toContain(`\r\nX-Registry-Config: ${large}\r\n`);
    expect(caller.head).toContain(`\r\nX-Large: ${large}\r\n`);
  });

  test("without a body: HEAD, 204 and 304, and the connection goes on", async () => {
    void engine.next("/containers/no/archive", (call) =>
      call.say("HTTP/1.1 404 Not Found\r\nContent-Length: 60\r\nX-Docker-Container-Path-Stat: e30=\r\n\r\n"),
    );
    using head = ask("HEAD", "/containers/no/archive?path=/");
    await head.until("\r\n\r\n");
    expect(head.head).toMatch(/\r\ncontent-length: 60\r\n/i);
    expect(head.head).toContain("X-Docker-Container-Path-Stat: e30=\r\n");
    void engine.next("/containers/a/start", (call) => call.say("HTTP/1.1 304 Not Modified\r\n\r\n"));
    head.say(nextRequest("POST", "/containers/a/start"));
    await head.until("HTTP/1.1 304");
    void engine.next("/containers/b/start", (call) => call.say("HTTP/1.1 204 No Content\r\n\r\n"));
    head.say(nextRequest("POST", "/containers/b/start"));
    await head.until("HTTP/1.1 204");
    head.say(nextRequest("GET", "/_ping"));
    await head.until("\r\n\r\nOK");
    const [, notModified = "", noContent = ""] = head.text.split(/(?=HTTP\/1\.1 )/);
    for (const text of [notModified, noContent]) {
      expect(text).toMatch(/\r\n\r\n$/);
      expect(text).not.toMatch(/content-length|transfer-encoding/i);
    }
  });

  function nextRequest(method: string, path: string): string {
    const length = method === "POST" ? "Content-Length: 0\r\n" : "";
    const target = `/api/v1/environments/raw/docker${path}`;
    return `${method} ${target} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer ${hub.token}\r\n${length}\r\n`;
  }
});

test("an early 404 with Connection: close in the midst of an upload reaches the caller", async () => {
  const asked = engine.next("/containers/no/archive", ({ socket }) => {
    // As the engine does: it ends its side, and reads no more.
    socket.pause();
    socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 7\r\nConnection: close\r\n\r\nmissing");
    setTimeout(() => socket.destroy(), 500);
  });
  using caller = ask("PUT", "/containers/no/archive?path=/", ["Transfer-Encoding: chunked"]);
  const block = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(1024 * 1024), Buffer.from("\r\n")]);
  for (let sent = 0; sent < 50 && !caller.socket.destroyed; sent += 1) {
    caller.say(block);
    await waitFor(() => !caller.socket.writableNeedDrain || caller.text.includes("missing"), {
      what: "the upload to go on, or the answer",
    });
  }
  caller.say(LAST_CHUNK);
  await caller.until("missing");
  expect(caller.text).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
  await (await asked).closed();
});

const UPGRADED =
  "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
const UPGRADE = ["Connection: Upgrade", "Upgrade: tcp"];

describe("connections that the engine takes over", () => {
  test("bytes in one read with the 101 are neither lost nor joined to it", async () => {
    const asked = engine.next("/containers/a/attach", (call) => call.say(`${UPGRADED}first`));
    using caller = ask("POST", "/containers/a/attach?stream=1", [...UPGRADE, "Content-Length: 0"]);
    await caller.until("first");
    expect([caller.head, caller.body]).toEqual([expect.stringMatching(/^HTTP\/1\.1 101 UPGRADED\r\n/), "first"]);
    expect(caller.head).toMatch(/\r\nUpgrade: tcp\r\n/i);
    const call = await asked;
    expect(call.head).toMatch(/\r\nUpgrade: tcp\r\n/i);
    caller.say("in");
    await call.until("in");
    call.say("out");
    await caller.until("firstout");
  });

  test("the request's body, and what the caller said at once after it", async () => {
    const asked = engine.next("/exec/e/start");
    using caller = ask("POST", "/exec/e/start", [...UPGRADE, "Content-Length: 12"]);
    caller.say('{"Tty":true}typed ahead');
    const call = await asked;
    await call.until('{"Tty":true}');
    expect(call.text).toBe('{"Tty":true}');
    call.say(UPGRADED);
    await call.until("typed ahead");
    expect(call.text).toBe('{"Tty":true}typed ahead');
  });

  test.each([1, 1000])("a body in chunks gets a length, and what follows it passes: %d bytes a write", async (size) => {
    const asked = engine.next("/exec/e/start");
    using caller = ask("POST", "/exec/e/start", [...UPGRADE, "Transfer-Encoding: chunked"]);
    const said = '8;x\r\n{"Tty":t\r\n4\r\nrue}\r\n0\r\nTrailer: x\r\n\r\ntyped ahead';
    for (let at = 0; at < said.length; at += size) {
      caller.say(said.slice(at, at + size));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const call = await asked;
    await call.until('{"Tty":true}');
    expect(call.head).toMatch(/\r\nContent-Length: 12\r\n/);
    expect(call.head).not.toMatch(/transfer-encoding/i);
    call.say(`${UPGRADED}out`);
    await caller.until("out");
    caller.say("in");
    await call.until("in");
    expect(call.text).toBe('{"Tty":true}typed aheadin');
  });

  test.each(["x\r\n", "-1\r\n", "2\r\nabc\r\n", `5;${"x".repeat(70_000)}`])(
    "wrong chunks are refused",
    async (said) => {
      using caller = ask("POST", "/exec/e/start", [...UPGRADE, "Transfer-Encoding: chunked"]);
      caller.say(said);
      await caller.until("}\n");
      expect(caller.text).toMatch(/^HTTP\/1\.1 4(00|13) [^]*chunked body/);
    },
  );

  test("half-close in both directions", async () => {
    const asked = engine.next("/exec/e/start", (call) => call.say(UPGRADED));
    using first = ask("POST", "/exec/e/start", [...UPGRADE, "Content-Length: 0"]);
    await first.until("\r\n\r\n");
    first.socket.end("last input");
    const call = await asked;
    await waitFor(() => call.hasEnded, { what: "the caller's end" });
    expect(call.text).toBe("last input");
    call.say("output after it");
    await first.until("output after it");
    expect(first.hasEnded).toBe(false);
    call.socket.end("!");
    await waitFor(() => first.hasEnded, { what: "the engine's end" });
    expect([first.body, first.error]).toEqual(["output after it!", undefined]);

    const askedAgain = engine.next("/exec/e/start", ({ socket }) => socket.end(`${UPGRADED}all`));
    using second = ask("POST", "/exec/e/start", [...UPGRADE, "Content-Length: 0"]);
    await waitFor(() => second.hasEnded, { what: "the engine's end" });
    const other = await askedAgain;
    second.say("input after it");
    await other.until("input after it");
    expect([second.body, other.hasEnded]).toEqual(["all", false]);
    second.socket.end();
    await other.closed();
  });

  test("attach without Upgrade: a 200 without a length is two-way all the same", async () => {
    const asked = engine.next("/containers/a/attach", (call) =>
      call.say("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nfirst"),
    );
    using caller = ask("POST", "/containers/a/attach?stream=1", ["Content-Length: 0"]);
    await caller.until("first");
    expect(caller.head).not.toMatch(/transfer-encoding|content-length/i);
    const call = await asked;
    caller.say("in");
    await call.until("in");
    caller.socket.end();
    await waitFor(() => call.hasEnded, { what: "the caller's end" });
    call.socket.end("last");
    await waitFor(() => caller.hasEnded, { what: "the engine's end" });
    expect([caller.body, call.text]).toEqual(["firstlast", "in"]);
  });

  test("a failed upgrade is plain text up to the connection's end", async () => {
    void engine.next("/containers/no/attach", ({ socket }) =>
      socket.end(
        "HTTP/1.1 404 Not Found\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nNo such container\r\n",
      ),
    );
    using caller = ask("POST", "/containers/no/attach", [...UPGRADE, "Content-Length: 0"]);
    await waitFor(() => caller.hasEnded, { what: "the end" });
    expect(caller.head).toMatch(/^HTTP\/1\.1 404 Not Found\r\nContent-Type: application\/vnd\.docker\.raw-stream\r\n/);
    expect([caller.body, caller.error]).toEqual(["No such container\r\n", undefined]);
  });

  test("BuildKit's upgrade to h2c, where the engine speaks first", async () => {
    const asked = engine.next("/session", (call) =>
      call.say("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nPRI * HTTP/2.0\r\n\r\n"),
    );
    using caller = ask("POST", "/session", ["Connection: Upgrade", "Upgrade: h2c", "X-Docker-Expose-Session-Uuid: u"]);
    await caller.until("PRI * HTTP/2.0\r\n\r\n");
    const { head } = await asked;
    expect(head).toMatch(/\r\nUpgrade: h2c\r\n/);
    expect(head).toContain("\r\nX-Docker-Expose-Session-Uuid: u\r\n");
  });
});

describe("ends", () => {
  test.each(["a quiet answer", "no head yet", "an upload", "a taken-over connection"])(
    "a caller that dies ends the engine's connection: %s",
    async (what) => {
      const path = what === "a taken-over connection" ? "/exec/e/start" : "/v1.45/events";
      const asked = engine.next(path, (call) => {
        if (what === "a quiet answer") call.say(OK_CHUNKED);
        if (what === "a taken-over connection") call.say(UPGRADED);
      });
      const headers = what === "an upload" ? ["Content-Length: 1000"] : what.startsWith("a taken") ? UPGRADE : [];
      using caller = ask(headers.length > 0 ? "POST" : "GET", path, headers);
      if (what === "an upload") caller.say("some");
      const call = await asked;
      if (what.startsWith("a ")) await caller.until("\r\n\r\n");
      caller.socket.destroy();
      await call.closed();
    },
  );

  const BROKEN: [string, string, (call: RawCall) => void][] = [
    ["length", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart", ({ socket }) => socket.end()],
    ["chunked", `${OK_CHUNKED}4\r\npart\r\n`, ({ socket }) => socket.end()],
    ["chunked, in the midst of one", `${OK_CHUNKED}64\r\npart`, ({ socket }) => socket.end()],
    ["garbage after a chunk", `${OK_CHUNKED}4\r\npart\r\n`, ({ socket }) => void socket.write("banana\r\n")],
  ];

  test.each(BROKEN)(
    "an engine that dies in the midst of a body breaks the answer off: %s",
    async (_name, text, die) => {
      const asked = engine.next("/images/get", (call) => call.say(text));
      using caller = ask("GET", "/images/get");
      await caller.until("part");
      die(await asked);
      await caller.over();
      expect(caller.text).not.toContain(LAST_CHUNK);
      expect(caller.head).toMatch(/transfer-encoding: chunked|content-length: 100/i);
    },
  );

  test("a body to the connection's end is whole with an end", async () => {
    void engine.next("/images/get", ({ socket }) => socket.end("HTTP/1.1 200 OK\r\n\r\nall of it"));
    using whole = ask("GET", "/images/get");
    await whole.until(LAST_CHUNK);
    expect(whole.body).toContain("all of it");
  });

  test("a body to the connection's end that a reset ends is broken off", async () => {
    // An engine that closes with input unread resets its connection.
    const asked = engine.next("/images/load", (call) => {
      call.socket.pause();
      call.say("HTTP/1.1 200 OK\r\n\r\npart");
    });
    using caller = ask("POST", "/images/load", ["Content-Length: 1000000"]);
    await caller.until("part");
    caller.say(Buffer.alloc(500_000));
    const { socket } = await asked;
    await waitFor(() => socket.readableLength > 0, { what: "input that waits at the engine" });
    socket.destroy();
    await caller.over();
    expect(caller.text).not.toContain(LAST_CHUNK);
  });

  test("an engine that dies before its head: 502 as Docker says it", async () => {
    void engine.next("/images/get", ({ socket }) => socket.destroy());
    using caller = ask("GET", "/images/get");
    await caller.until("}\n");
    expect(caller.text).toMatch(/^HTTP\/1\.1 502 /);
    expect(JSON.parse(caller.body)).toEqual({ message: expect.stringContaining("engine") });
  });

  test("an engine that is not there: 503 with a message; an agent that dies: 502 before the head, a break after it", async () => {
    await using lone = await RawEngine.open();
    const agent = await startEdge("lone", lone.socketPath);
    agents.push(agent);
    const quiet = lone.next("/quiet");
    const begun = lone.next("/begun", (call) => call.say(`${OK_CHUNKED}4\r\npart\r\n`));
    using headless = ask("GET", "/quiet", [], "lone");
    using headed = ask("GET", "/begun", [], "lone");
    await Promise.all([quiet, begun, headed.until("part")]);
    await agent.kill();
    await headless.until("}\n");
    expect(headless.text).toMatch(/^HTTP\/1\.1 502 /);
    expect(JSON.parse(headless.body)).toEqual({ message: expect.any(String) });
    await headed.over();
    expect(headed.text).not.toContain(LAST_CHUNK);

    const gone = await startEdge("gone", "/nonexistent/docker.sock");
    agents.push(gone);
    using caller = ask("GET", "/_ping", [], "gone");
    await caller.until("}\n");
    expect(caller.text).toMatch(/^HTTP\/1\.1 503 /);
    expect(JSON.parse(caller.body)).toEqual({ message: expect.stringContaining("/nonexistent/docker.sock") });
  });
});

describe("many at once", () => {
  test("a caller that does not read holds its engine back, and nobody else", async () => {
    let taken = 0;
    const block = Buffer.alloc(64 * 1024);
    const asked = engine.next("/images/get", (call) => {
      call.say(`HTTP/1.1 200 OK\r\nContent-Length: ${2 ** 30}\r\n\r\n`);
      const more = (): void => {
        while (taken < 2 ** 30 && call.socket.writableLength < block.length) {
          taken += block.length;
          call.socket.write(block, more);
        }
      };
      more();
    });
    using slow = ask("GET", "/images/get");
    slow.socket.pause();
    const call = await asked;
    let before = -1;
    await waitFor(
      () => {
        const stands = before === taken;
        before = taken;
        return stands;
      },
      { what: "the engine to be held back", intervalMs: 500 },
    );
    for (let count = 0; count < 50; count += 1) {
      using ping = ask("GET", "/_ping");
      await ping.until("\r\n\r\nOK");
    }
    expect(taken).toBeLessThan(24 * 1024 * 1024);
    slow.socket.resume();
    await waitFor(() => taken > 64 * 1024 * 1024, { what: "the engine to go on" });
    slow.socket.destroy();
    await call.closed();
  });

  test("60 connections, each with its own bytes", async () => {
    const asked = Array.from({ length: 60 }, (_, at) =>
      engine.next(`/containers/${at}/attach`, (call) => call.say(`${UPGRADED}<${at}>`)),
    );
    const callers = asked.map((_, at) => ask("POST", `/containers/${at}/attach`, [...UPGRADE, "Content-Length: 0"]));
    const calls = await Promise.all(asked);
    for (const [at, caller] of callers.entries()) {
      await caller.until(`<${at}>`);
      caller.say(`[${at}]`);
      caller.socket.end();
    }
    for (const [at, call] of calls.entries()) {
      await waitFor(() => call.hasEnded, { what: "the caller's end" });
      call.socket.end("bye");
      expect(call.text).toBe(`[${at}]`);
    }
    for (const [at, caller] of callers.entries()) {
      await waitFor(() => caller.hasEnded, { what: "the engine's end" });
      expect(caller.body).toBe(`<${at}>bye`);
      caller.socket.destroy();
    }
  });

  test("transfers of the fake engine are whole, in every framing", async () => {
    const target = targetOf("fake");
    const bytes = 20 * 1024 * 1024;
    const transfers = await Promise.all([
      download(target, { bytes }),
      download(target, { bytes, framing: "chunked" }),
      download(target, { bytes, framing: "eof" }),
      upload(target, { bytes }),
      upload(target, { bytes, framing: "chunked" }),
    ]);
    expect(transfers.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 5 }, () => "complete"));
  });
});

function targetOf(environment: string) {
  return {
    connection: { host: "127.0.0.1", port: hub.port },
    prefix: `/api/v1/environments/${environment}/docker`,
    headers: { authorization: `Bearer ${hub.token}` },
  };
}

describe("peers without streams", () => {
  test("an agent with FAIRLEAD_STREAMS=off works as 1.0 on the same hub", async () => {
    agents.push(await startEdge("older", fake.socketPath, { FAIRLEAD_STREAMS: "off" }));
    const { outcome } = await download(targetOf("older"), { bytes: 1_000_000 });
    expect(outcome).toBe("complete");
    using caller = ask("POST", "/containers/a/attach", [...UPGRADE, "Content-Length: 0"], "older");
    await caller.until("}\n");
    expect(caller.text).toMatch(/^HTTP\/1\.1 501 [^]*streams\/1/);
  });

  test("an agent with streams works as 1.0 at a hub of 1.0", async () => {
    await using older = await startLegacyHub();
    await using _agent = await startAgent({ serverUrl: older.url, token: older.token, dockerSocket: fake.socketPath });
    const connection = await older.waitForAgent();
    expect(connection.hello?.["capabilities"]).toContain("streams/1");
    const { statusCode, body } = await connection.request("GET", "/_ping");
    expect([statusCode, body.toString()]).toEqual([200, "OK"]);
    const stream = connection.streamRequest("GET", "/images/get?bytes=1000000");
    await stream.ended();
    expect(stream.data().length).toBe(1_000_000);
    expect(connection.isOpen).toBe(true);
  });
});
