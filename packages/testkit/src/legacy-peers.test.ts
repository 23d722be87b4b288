import { afterAll, beforeAll, expect, test } from "vitest";
import { type Dockerd, startDockerd } from "./dockerd.ts";
import { type LegacyAgentOptions, startLegacyAgent } from "./legacy-agent.ts";
import { type LegacyHubOptions, startLegacyHub } from "./legacy-hub.ts";
import { makeTestCertificates } from "./test-certificates.ts";
import { waitFor } from "./wait-for.ts";

let dockerd: Dockerd;
beforeAll(async () => {
  dockerd = await startDockerd();
  await dockerd.importBusybox();
});
afterAll(() => dockerd.stop());

async function pair(agentOptions: Partial<LegacyAgentOptions> = {}, hubOptions: LegacyHubOptions = {}) {
  const hub = await startLegacyHub(hubOptions);
  const agent = await startLegacyAgent({ url: hub.url, token: hub.token, ...agentOptions });
  const link = await hub.waitForAgent();
  const stop = async (): Promise<void> => {
    await agent.stop();
    await hub.stop();
  };
  return { hub, agent, link, [Symbol.asyncDispose]: stop };
}

test("hello and welcome are the reference's", async () => {
  await using peers = await pair();
  expect(Object.keys(peers.link.hello ?? {})).toEqual(
    "type version protocol agentId agentName token dockerVersion hostname capabilities".split(" "),
  );
  expect(await peers.agent.welcomed()).toEqual({ type: "welcome", environmentId: 1, message: "welcome" });
  expect(await peers.link.ping(1_700_000_000)).toEqual({ type: "pong", timestamp: 1_700_000_000 });
});

test("requests, streams and their errors against a real engine", async () => {
  await using peers = await pair({ dockerSocket: dockerd.socketPath });
  const { link } = peers;
  const ping = await link.request("GET", "/_ping");
  expect([ping.statusCode, ping.body.toString(), ping.headers["Api-Version"]]).toEqual([200, "OK", "1.45"]);
  const missing = await link.request("GET", "/v1.43/containers/nosuch/json");
  expect([missing.statusCode, missing.message["body"]]).toEqual([404, '{"message":"No such container: nosuch"}\n']);
  const create = { Image: "busybox", Cmd: ["sh", "-c", "echo out; echo err >&2; sleep 1000"] };
  expect((await link.request("POST", "/containers/create?name=web", { body: create })).statusCode).toBe(201);
  await link.request("POST", "/containers/web/start");

  const logs = link.streamRequest("GET", "/containers/web/logs?stdout=1&stderr=1&follow=1");
  await logs.waitForData((data) => data.includes("out\n") && data.includes("err\n"));
  logs.cancel();
  expect(await logs.ended()).toEqual({ type: "stream_end", requestId: logs.requestId, reason: "completed" });
  const once = await link.request("GET", "/containers/web/logs?stdout=1");
  expect([once.message["isBinary"], once.body.subarray(8).toString()]).toEqual([true, "out\n"]);
  const refused = link.streamRequest("GET", "/containers/nosuch/logs?stdout=1&follow=1");
  await refused.ended();
  expect(JSON.parse(refused.data().toString())).toEqual({ message: "No such container: nosuch" });

  const tar = await link.request("GET", "/containers/web/archive?path=/etc/passwd");
  const upload = await link.request("PUT", "/containers/web/archive?path=/tmp", {
    body: tar.body,
    headers: { "Content-Type": "application/x-tar" },
  });
  expect(upload.statusCode).toBe(200);
  expect(await dockerd.dockerOk(["exec", "web", "cat", "/tmp/passwd"])).toMatch(/^root:/);
  expect((await link.request("DELETE", "/containers/web?force=1")).statusCode).toBe(204);
  await link.waitForMessage("container_event", ({ event }) => (event as { action: string }).action === "destroy");
  const events = link.received("container_event").map(({ event }) => (event as { action: string }).action);
  expect(events).toEqual(["create", "start", "kill", "die", "destroy"]);
});

test("exec: a terminal, its size, its end, and what fails", async () => {
  await using peers = await pair({ dockerSocket: dockerd.socketPath });
  const { link } = peers;
  await dockerd.dockerOk(["run", "-d", "--name", "shell", "busybox", "sleep", "1000"]);
  const exec = link.exec({ containerId: "shell", cols: 100, rows: 30 });
  await exec.ready();
  exec.write("stty size; echo $((6*7))\r");
  await exec.waitForOutput(/42/);
  await waitFor(
    () => {
      exec.write("stty size\r");
      return exec.output().includes("30 100");
    },
    { what: "the first size", intervalMs: 100 },
  );
  exec.resize(120, 40);
  await waitFor(
    () => {
      exec.write("stty size\r");
      return exec.output().includes("40 120");
    },
    { what: "the new size", intervalMs: 100 },
  );
  exec.write("exit\r");
  expect(await exec.ended()).toBe("container_exit");
  await expect(link.exec({ containerId: "nosuch" }).ready()).rejects.toThrow("EXEC_CREATE_ERROR");
  expect(peers.agent.open).toEqual({ streams: 0, execs: 0 });
});

test("compose prints lines before its response when asked to", async () => {
  const compose = () => ({
    result: { success: false, output: "a\nb\n", error: "exit status 1", exitCode: 1 },
    lines: ["a\n", "b\n"],
  });
  await using peers = await pair({ compose });
  const body = { operation: "up", projectName: "p", streamOutput: true };
  const answer = await peers.link.request("POST", "/_hawser/compose", { body, requestId: "up" });
  expect(answer.statusCode).toBe(500);
  const types = peers.link.records.filter(({ wire }) => wire?.["requestId"] === "up").map(({ wire }) => wire?.["type"]);
  expect(types).toEqual(["request", "stream", "stream", "response"]);
});

test("dialects of agents", async () => {
  const dialect = { metricsWithoutDisk: true, freshAgentId: true, unknownTypesAndFields: true, ignorePings: true };
  await using peers = await pair({
    dialect,
    hello: { capabilities: null },
    metricsIntervalMs: 10,
    pingIntervalMs: 10,
    handler: () => ({ status: 500, body: "scripted" }),
  });
  const { agent, hub, link } = peers;
  expect(link.hello).toMatchObject({ capabilities: null, xUnknown: { nested: [1, null] } });
  expect(Object.keys((await link.waitForMessage("metrics"))["metrics"] as object)).not.toContain("diskTotal");
  await link.waitForMessage("inventory_sync");
  await agent.connection.waitForMessage("pong");
  await expect(link.ping(5, 50)).rejects.toThrow("in vain");
  expect(await link.request("GET", "/x")).toMatchObject({ statusCode: 500, body: Buffer.from("scripted") });
  agent.connection.terminate();
  await agent.dial();
  const second = await hub.waitForAgent(1);
  expect(second.hello?.["agentId"]).not.toBe(link.hello?.["agentId"]);
  agent.connection.sendText("{not json");
  agent.connection.sendBinary(Buffer.from([0, 1, 2]));
  await waitFor(() => second.records.some(({ binary }) => binary?.length === 3), { what: "the binary message" });
  expect(second.records).toContainEqual({ from: "agent", wire: undefined, text: "{not json" });
});

test("dialects of hubs", async () => {
  const dialect = { welcomeWithServerId: true, pingIntervalMs: 10, unknownTypesAndFields: true };
  await using peers = await pair({}, { dialect });
  expect(await peers.agent.welcomed()).toMatchObject({ serverId: "legacy-hub", version: "1.0.5" });
  const pong = await peers.link.waitForMessage("pong");
  expect(pong["timestamp"]).toBeGreaterThan(1e12);
  await peers.agent.connection.waitForMessage("settings_push");
  expect(await peers.link.closeForNewToken()).toEqual({ code: 1000, reason: "Token regenerated" });
  expect(await peers.agent.connection.closed).toEqual({ code: 1000, reason: "Token regenerated" });
});

test("a hub refuses a wrong token, with the text in message and a retryAfter, and closes the silent", async () => {
  await using hub = await startLegacyHub({ dialect: { errorTextInMessage: true, retryAfter: 7 }, silenceLimitMs: 100 });
  await using wrong = await startLegacyAgent({ url: hub.url, token: "wrong" });
  expect(await wrong.connection.waitForMessage("error")).toEqual({
    type: "error",
    message: "Invalid token",
    retryAfter: 7,
  });
  expect(await wrong.connection.closed).toEqual({ code: 1008, reason: "Invalid token" });
  await using silent = await startLegacyAgent({ url: hub.url, token: hub.token });
  expect(await silent.connection.closed).toEqual({ code: 1001, reason: "Connection timeout" });
});

test("a half-open peer of either kind takes nothing in, and a hub that went away comes back on its port", async () => {
  await using peers = await pair({ pingIntervalMs: 10 });
  peers.agent.goHalfOpen();
  await expect(peers.link.ping(1, 50)).rejects.toThrow("in vain");
  expect(peers.link.isOpen).toBe(true);
  await peers.hub.goAway();
  await peers.hub.listen();
  await peers.agent.dial();
  const second = await peers.hub.waitForAgent(1);
  await peers.agent.connection.waitForMessage("pong");
  second.goHalfOpen();
  const pongs = peers.agent.connection.received("pong").length;
  const pings = peers.agent.connection.sent("ping").length;
  await waitFor(() => peers.agent.connection.sent("ping").length > pings + 5, { what: "five more pings" });
  // One pong may have been under way.
  expect(peers.agent.connection.received("pong").length).toBeLessThanOrEqual(pongs + 1);
});

test("a hub over TLS, and one that answers a dial with a status", async () => {
  await using certificates = await makeTestCertificates();
  await using peers = await pair({ socketOptions: { ca: certificates.ca } }, { tls: certificates });
  await peers.agent.welcomed();
  peers.hub.upgradeStatus = 503;
  await expect(peers.agent.dial()).rejects.toThrow(/503/);
  peers.hub.upgradeStatus = undefined;
  await expect(startLegacyAgent({ url: peers.hub.url, token: "t" })).rejects.toThrow(/certificate/);
});
