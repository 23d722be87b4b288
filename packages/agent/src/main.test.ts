import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import {
  type FakeEngine,
  fairleadBin,
  cleanEnvironment,
  runCommand,
  startAgent,
  startFakeEngine,
  startLegacyHub,
  waitFor,
} from "@fairlead/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AGENT_VERSION, loadConfig, runAgent } from "./main.ts";
import manifest from "../package.json" with { type: "json" };

let engine: FakeEngine;

beforeAll(async () => {
  engine = await startFakeEngine();
});

afterAll(async () => {
  await engine.stop();
});

async function freePort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return String(port);
}

describe("the edge agent as a program", () => {
  test("says where it is connected, answers its health check, and ends in order at SIGTERM", async () => {
    await using hub = await startLegacyHub({ environmentId: 7 });
    const port = await freePort();
    const options = { serverUrl: hub.url, token: hub.token, dockerSocket: engine.socketPath };
    await using agent = await startAgent({ ...options, env: { PORT: port } });
    const connection = await hub.waitForAgent();
    expect(agent.lines).toContain(`fairlead agent connected to ${hub.url} as environment 7`);
    expect(connection.hello).toMatchObject({ version: manifest.version, protocol: "1.0", dockerVersion: "26.1.5" });
    const env = { ...cleanEnvironment(), DOCKHAND_SERVER_URL: hub.url, TOKEN: hub.token, PORT: port };
    const check = await runCommand(fairleadBin, ["agent", "--healthcheck"], {
      env: { ...env, FAIRLEAD_DATA_DIR: agent.dataDir },
    });
    expect([check.code, JSON.parse(check.stdout.toString())]).toEqual([
      0,
      { status: "healthy", mode: "edge", connected: true },
    ]);
    agent.signal("SIGHUP");
    expect((await connection.request("GET", "/_ping")).statusCode).toBe(200);
    agent.signal("SIGTERM");
    expect(await connection.closed).toEqual({ code: 1001, reason: "agent is stopping" });
    expect((await agent.exited).code).toBe(0);
  });

  test("comes back after a kill with the same id", async () => {
    await using hub = await startLegacyHub();
    await using agent = await startAgent({ serverUrl: hub.url, token: hub.token, dockerSocket: engine.socketPath });
    const first = await hub.waitForAgent();
    await agent.kill();
    await agent.restart();
    const second = await hub.waitForAgent(1);
    expect(second.hello?.["agentId"]).toBe(first.hello?.["agentId"]);
  });
});

describe("runAgent", () => {
  test("edge mode with a port that is taken goes on without the health check", async () => {
    await using hub = await startLegacyHub();
    const env = {
      DOCKHAND_SERVER_URL: hub.url,
      TOKEN: hub.token,
      DOCKER_SOCKET: engine.socketPath,
      PORT: String(hub.port),
    };
    const lines: string[] = [];
    const log = { debug: () => {}, info: () => {}, warn: (line: string) => void lines.push(line), error: () => {} };
    const config = {
      ...loadConfig({ ...env, AGENT_ID: "a", FAIRLEAD_DATA_DIR: "/nonexistent/fairlead" }),
      metricsIntervalMs: 50,
    };
    const printed: string[] = [];
    const agent = await runAgent(config, { log, print: (line) => printed.push(line) });
    const connection = await hub.waitForAgent();
    expect(agent.address).toBeUndefined();
    expect(lines.join("\n")).toContain("going on without the health check");
    expect(printed).toEqual([`fairlead agent connected to ${hub.url} as environment 1`]);
    const metrics = await connection.waitForMessage("metrics");
    expect(metrics["metrics"]).toMatchObject({ cpuCores: expect.any(Number), memoryTotal: expect.any(Number) });
    await Promise.all([agent.stop(), agent.stop()]);
    await agent.stopped;
    await waitFor(() => !connection.isOpen, { what: "the close" });
    expect(AGENT_VERSION).toBe(manifest.version);
  });

  test("samples of the time without a hub are sent later, in order", async () => {
    await using hub = await startLegacyHub();
    const env = {
      DOCKHAND_SERVER_URL: hub.url,
      TOKEN: hub.token,
      DOCKER_SOCKET: engine.socketPath,
      PORT: "0",
      AGENT_ID: "a",
    };
    const settings = {
      METRICS_INTERVAL: "0.1",
      RECONNECT_DELAY: "0.1",
      MAX_RECONNECT_DELAY: "0.1",
      LOG_LEVEL: "error",
    };
    const config = loadConfig({ ...env, ...settings, FAIRLEAD_DATA_DIR: "/nonexistent/fairlead" });
    const agent = await runAgent(config, { print: () => {} });
    await (await hub.waitForAgent()).waitForMessage("metrics");
    await hub.goAway();
    await new Promise((resolve) => {
      setTimeout(resolve, 1_500);
    });
    await hub.listen();
    const again = await hub.waitForAgent(1);
    await waitFor(() => again.received("metrics").length >= 10, { what: "the samples" });
    const times = again.received("metrics").map(({ timestamp }) => Number(timestamp));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1);
    await agent.stop();
  });
});
