import { createServer } from "node:net";
import { type AddressInfo } from "node:net";
import {
  type FakeEngine,
  type LegacyHubOptions,
  makeTestCertificates,
  startConnectProxy,
  startFakeEngine,
  startFaultyNetwork,
  startLegacyHub,
  waitFor,
} from "@fairlead/testkit";
import { MAX_BAD_MESSAGES } from "@fairlead/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestEdgeAgent, type TestEdgeAgent, type TestEdgeOptions } from "./edge-agent-fixture.ts";

let engine: FakeEngine;

beforeAll(async () => {
  engine = await startFakeEngine();
});

afterAll(async () => {
  await engine.stop();
});

async function startPair(hubOptions: LegacyHubOptions = {}, agentOptions: Partial<TestEdgeOptions> = {}) {
  const hub = await startLegacyHub(hubOptions);
  const agent = await startTestEdgeAgent({
    url: hub.url,
    token: hub.token,
    socketPath: engine.socketPath,
    ...agentOptions,
  });
  return {
    hub,
    agent,
    [Symbol.asyncDispose]: async () => {
      await agent[Symbol.asyncDispose]();
      await hub.stop();
    },
  };
}

const linesOf = ({ lines }: TestEdgeAgent, pattern: RegExp): string[] => lines.filter((line) => pattern.test(line));

describe("dialects of hubs", () => {
  test("welcome with serverId and version instead of environmentId", async () => {
    await using pair = await startPair({ dialect: { welcomeWithServerId: true } });
    const connection = await pair.hub.waitForAgent();
    expect((await connection.request("GET", "/_ping")).statusCode).toBe(200);
    expect(pair.agent.welcomes).toEqual([undefined]);
  });

  test("pings with milliseconds are answered with the same number", async () => {
    await using pair = await startPair({ dialect: { pingIntervalMs: 20 } });
    const connection = await pair.hub.waitForAgent();
    await waitFor(() => connection.received("pong").length >= 3, { what: "pongs" });
    const [ping] = connection.sent("ping");
    expect(connection.received("pong")[0]?.["timestamp"]).toBe(ping?.["timestamp"]);
  });

  test("unknown types and fields: ignored, counted, said once", async () => {
    await using pair = await startPair({ dialect: { unknownTypesAndFields: true } });
    const connection = await pair.hub.waitForAgent();
    connection.send({ type: "settings_push" });
    expect((await connection.request("GET", "/_ping")).statusCode).toBe(200);
    expect(linesOf(pair.agent, /ignoring messages.*settings_push/)).toHaveLength(1);
    expect(connection.received("error")).toEqual([]);
  });

  test("an error whose text is in `message`, and its retryAfter", async () => {
    const dialect = { errorTextInMessage: true, retryAfter: 0.7 };
    await using pair = await startPair({ refusal: "Too many agents", dialect });
    await waitFor(() => pair.hub.connections.length >= 1, { what: "the first dial" });
    const refusedAt = performance.now();
    await waitFor(() => linesOf(pair.agent, /Too many agents/).length > 0, { what: "the hub's words in the log" });
    pair.hub.refusal = undefined;
    await pair.hub.waitForAgent();
    expect(performance.now() - refusedAt).toBeGreaterThan(600);
  });

  test.each([
    [1000, "Token regenerated", /error the hub does not accept this agent's token/],
    [1000, "", /warn not connected to the hub/],
    [1008, "Policy violation", /warn not connected.*1008.*Policy violation/],
    [1001, "Connection timeout", /warn not connected.*1001.*Connection timeout/],
  ])("a close with %i %s is understood, and the agent dials again", async (code, reason, line) => {
    await using pair = await startPair();
    const connection = await pair.hub.waitForAgent();
    connection.close(code, reason);
    await pair.hub.waitForAgent(1);
    expect(linesOf(pair.agent, line)).toHaveLength(1);
  });

  test("isBinary bodies, capability null and a second welcome do no harm", async () => {
    await using pair = await startPair();
    const connection = await pair.hub.waitForAgent();
    connection.send({ type: "welcome", environmentId: 2 });
    connection.send({ type: "stream", requestId: "x", data: null });
    connection.send({ type: "error", requestId: "x", message: "no such thing" });
    const echo = await connection.request("POST", "/fairlead-test/echo", { body: Buffer.from([1, 0, 255]) });
    expect(echo.body).toEqual(Buffer.from([1, 0, 255]));
    expect(connection.received("error")).toEqual([]);
  });
});

describe("reconnecting", () => {
  test("a hub that goes away and comes back", async () => {
    await using pair = await startPair();
    const first = await pair.hub.waitForAgent();
    await pair.hub.goAway();
    await waitFor(() => linesOf(pair.agent, /ECONNREFUSED/).length > 0, { what: "a failed dial" });
    expect(pair.agent.agent.isConnected).toBe(false);
    await pair.hub.listen();
    const second = await pair.hub.waitForAgent(1);
    expect(second.hello).toEqual(first.hello);
    // One line for many failures of one kind.
    expect(linesOf(pair.agent, /warn .*ECONNREFUSED/)).toHaveLength(1);
  });

  test("a refused token is said once, clearly, without the token, and tried at the slowest pace", async () => {
    const config = { reconnectDelayMs: 5, maxReconnectDelayMs: 300 };
    await using pair = await startPair({ token: "the-right-one" }, { token: "the-wrong-one", config });
    await waitFor(() => pair.hub.connections.length >= 3, { what: "three tries" });
    const errors = linesOf(pair.agent, / error /);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/does not accept this agent's token.*Invalid token/);
    expect(pair.agent.lines.join("\n")).not.toContain("the-wrong-one");
    for (const line of linesOf(pair.agent, /dialling again/)) {
      expect(Number(/inMs=(\d+)/.exec(line)?.[1])).toBeGreaterThanOrEqual(225);
    }
    pair.hub.token = "the-wrong-one";
    await pair.hub.waitForAgent();
  });

  test("no welcome in time: the agent gives up and tries again", async () => {
    await using pair = await startPair({ welcome: false }, { config: { welcomeTimeoutMs: 100 } });
    await waitFor(() => pair.hub.connections.length >= 2, { what: "a second try" });
    expect(linesOf(pair.agent, /did not welcome this agent within 0.1 s/)).not.toHaveLength(0);
  });

  test("an HTTP answer instead of an upgrade", async () => {
    await using pair = await startPair();
    await pair.hub.waitForAgent();
    pair.hub.upgradeStatus = 503;
    await pair.hub.goAway();
    await pair.hub.listen();
    await waitFor(() => linesOf(pair.agent, /answered HTTP 503/).length > 0, { what: "the status in the log" });
    pair.hub.upgradeStatus = undefined;
    await pair.hub.waitForAgent(1);
  });

  test("something that is not a hub, and one that never answers the upgrade", async () => {
    const server = createServer((socket) => void socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    const silent = createServer(() => {});
    for (const each of [server, silent])
      await new Promise<void>((resolve) => void each.listen(0, "127.0.0.1", resolve));
    for (const each of [server, silent]) {
      const { port } = each.address() as AddressInfo;
      const url = `ws://127.0.0.1:${port}/api/hawser/connect`;
      const options = { url, token: "t", socketPath: engine.socketPath, config: { welcomeTimeoutMs: 100 } };
      await using agent = await startTestEdgeAgent(options);
      await waitFor(() => linesOf(agent, /dialling again/).length >= 2, { what: "two tries" });
      expect(linesOf(agent, /warn not connected.*cannot connect to ws:/)).toHaveLength(1);
      each.close();
    }
  });

  test("a dead network is noticed by silence", async () => {
    await using hub = await startLegacyHub();
    await using network = await startFaultyNetwork({ port: hub.port });
    const url = `ws://${network.address}/api/hawser/connect`;
    const silence = { options: { silenceTimeoutMs: 300 }, config: { heartbeatMs: 100 } };
    await using agent = await startTestEdgeAgent({ url, token: hub.token, socketPath: engine.socketPath, ...silence });
    await hub.waitForAgent();
    network.halfOpen();
    await waitFor(() => linesOf(agent, /nothing came from the hub for 0.3 s/).length > 0, { what: "the silence" });
    network.heal();
    await hub.waitForAgent(1);
  });

  test("pings of the agent carry seconds, and keep a quiet link up", async () => {
    const silence = { options: { silenceTimeoutMs: 400 }, config: { heartbeatMs: 50 } };
    await using pair = await startPair({}, silence);
    const connection = await pair.hub.waitForAgent();
    await waitFor(() => connection.received("ping").length >= 20, { what: "a second of pings" });
    expect(connection.isOpen).toBe(true);
    expect(Math.abs(Number(connection.received("ping")[0]?.["timestamp"]) - Date.now() / 1000)).toBeLessThan(10);
  });
});

describe("joining", () => {
  test("an engine that is down does not keep the agent from its hub", async () => {
    await using hub = await startLegacyHub();
    const socketPath = "/nonexistent/docker.sock";
    await using _agent = await startTestEdgeAgent({ url: hub.url, token: hub.token, socketPath });
    const connection = await hub.waitForAgent();
    expect(connection.hello).toMatchObject({
      dockerVersion: "",
      capabilities: ["exec", "metrics", "events", "streams/1"],
    });
    expect((await connection.request("GET", "/info")).statusCode).toBe(503);
    await expect(connection.exec({ containerId: "c" }).ready()).rejects.toThrow("EXEC_CREATE_ERROR");
  });

  test("wss with a CA, without it, and unchecked with a loud warning", async () => {
    await using certificates = await makeTestCertificates();
    const tls = { cert: certificates.cert, key: certificates.key };
    {
      await using pair = await startPair({ tls }, { config: {} });
      await waitFor(() => linesOf(pair.agent, /warn not connected.*certificate/).length > 0, {
        what: "a failed check",
      });
    }
    await using hub = await startLegacyHub({ tls });
    const common = { url: hub.url, token: hub.token, socketPath: engine.socketPath };
    {
      await using agent = await startTestEdgeAgent({ ...common, config: { caCert: certificates.ca } });
      await hub.waitForAgent();
      expect(linesOf(agent, /TLS_SKIP_VERIFY/)).toEqual([]);
    }
    const before = hub.connections.length;
    await using agent = await startTestEdgeAgent({ ...common, config: { tlsSkipVerify: true } });
    await hub.waitForAgent(before);
    expect(linesOf(agent, /warn TLS_SKIP_VERIFY is set: the hub's certificate is NOT checked/)).toHaveLength(1);
  });

  test("through a proxy by CONNECT, or past it where NO_PROXY says so", async () => {
    await using hub = await startLegacyHub();
    await using proxy = await startConnectProxy();
    const common = { url: hub.url, token: hub.token, socketPath: engine.socketPath };
    const http = new URL(`http://user:secret@127.0.0.1:${proxy.port}`);
    {
      await using agent = await startTestEdgeAgent({ ...common, config: { proxy: { http, noProxy: [] } } });
      await hub.waitForAgent();
      const target = `127.0.0.1:${hub.port}`;
      expect(proxy.calls).toEqual([{ target, authorization: "Basic dXNlcjpzZWNyZXQ=" }]);
      await proxy.stop();
      await hub.goAway();
      await waitFor(() => linesOf(agent, /through the proxy 127.0.0.1:\d+/).length > 0, {
        what: "a failure with the proxy's name",
      });
      expect(agent.lines.join()).not.toContain("secret");
    }
    await hub.listen();
    const before = hub.connections.length;
    await using _past = await startTestEdgeAgent({ ...common, config: { proxy: { http, noProxy: ["127.0.0.0/8"] } } });
    await hub.waitForAgent(before);
    expect(proxy.calls).toHaveLength(1);
  });

  test("stop: streams and terminals are ended, the hub is told, 1001", async () => {
    await using pair = await startPair();
    const connection = await pair.hub.waitForAgent();
    const stream = connection.streamRequest("GET", "/events");
    const exec = connection.exec({ containerId: "c" });
    await exec.ready();
    await waitFor(() => stream.parts().length > 0, { what: "the stream" });
    await pair.agent.agent.stop();
    expect(await connection.closed).toEqual({ code: 1001, reason: "agent is stopping" });
    expect((await stream.ended())["reason"]).toBe("cancelled");
    expect(await exec.ended()).toBe("error");
    await waitFor(() => engine.eventListeners === 0, { what: "the end at the engine" });
  });

  test.each(["while dialling", "while waiting for the welcome", "while waiting to dial again"])(
    "stop %s",
    async (when) => {
      await using hub = await startLegacyHub({ welcome: false });
      if (when !== "while waiting for the welcome") await hub.goAway();
      const config = { reconnectDelayMs: 60_000, maxReconnectDelayMs: 60_000 };
      const agent = await startTestEdgeAgent({ url: hub.url, token: "t", socketPath: engine.socketPath, config });
      if (when === "while waiting for the welcome")
        await waitFor(() => hub.connections[0]?.hello, { what: "the hello" });
      if (when === "while waiting to dial again")
        await waitFor(() => linesOf(agent, /dialling again/).length > 0, { what: "it" });
      const before = performance.now();
      await agent[Symbol.asyncDispose]();
      expect(performance.now() - before).toBeLessThan(5_000);
    },
  );
});

describe("bad input", () => {
  test.each([
    ["{", "malformed_json"],
    ["[]", "malformed_json"],
    ["null", "malformed_json"],
    ["{}", "missing_type"],
    [`{"type":5}`, "missing_type"],
    [`{"type":"request"}`, "invalid_message"],
    [`{"type":"exec_input","execId":"e","data":"%%"}`, "bad_base64"],
    [`{"type":"hello","token":"t"}`, "unexpected_message"],
    [`{"type":"response","requestId":"r","statusCode":200}`, "unexpected_message"],
    [`{"type":"exec_output","execId":"e","data":""}`, "unexpected_message"],
    [`{"type":"container_event","event":{"containerId":"c","action":"die","timestamp":"t"}}`, "unexpected_message"],
  ])("%s is answered with %s, and others go on", async (text, code) => {
    await using pair = await startPair();
    const connection = await pair.hub.waitForAgent();
    connection.sendText(text);
    await connection.waitForMessage("error", (message) => message["code"] === code);
    expect((await connection.request("GET", "/_ping")).statusCode).toBe(200);
  });

  test("the id of a bad request is named, so that the one request fails", async () => {
    await using pair = await startPair();
    const connection = await pair.hub.waitForAgent();
    connection.sendText(`{"type":"request","requestId":"r77","method":5,"path":"/"}`);
    const error = await connection.waitForMessage("error");
    expect(error).toEqual({
      type: "error",
      requestId: "r77",
      error: expect.stringContaining("method"),
      code: "invalid_message",
    });
  });

  test("a binary message without an agreement closes with 1003", async () => {
    await using pair = await startPair();
    const connection = await pair.hub.waitForAgent();
    connection.sendBinary(Buffer.from([1, 0, 0, 0, 1]));
    expect((await connection.closed).code).toBe(1003);
    await pair.hub.waitForAgent(1);
  });

  test.each(["{", `{"type":"pong","timestamp":1`, `{"type":"metrics","timestamp":1,"metrics":{}}`])(
    "nothing but %s for too long closes with 1008",
    async (text) => {
      await using pair = await startPair();
      const connection = await pair.hub.waitForAgent();
      for (let sent = 0; sent < MAX_BAD_MESSAGES; sent += 1) connection.sendText(text);
      expect((await connection.closed).code).toBe(1008);
      expect(connection.received("error").at(-1)?.["code"]).toBe("too_many_bad_messages");
      await pair.hub.waitForAgent(1);
    },
  );

  test("a message over the limit closes with 1009", async () => {
    await using pair = await startPair();
    const connection = await pair.hub.waitForAgent();
    connection.socket.send("x".repeat(33 * 1024 * 1024));
    expect((await connection.closed).code).toBe(1009);
    await pair.hub.waitForAgent(1);
  });
});
