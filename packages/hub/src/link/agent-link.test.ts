import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createConnection } from "node:net";
import { startFaultyNetwork, waitFor } from "@fairlead/testkit";
import { describe, expect, it } from "vitest";
import type { LinkLimits } from "./link-limits.ts";
import { joinLink, type LinkUnderTest, RawAgent, startLink } from "./link-under-test.ts";

async function dial(link: LinkUnderTest, localAddress = "127.0.0.1"): Promise<RawAgent> {
  const agent = new RawAgent(link.url, { localAddress });
  await agent.until(() => agent.socket.readyState === 1 || agent.refused, "an answer to the dial");
  return agent;
}

describe("joining", () => {
  it("welcomes a hello with a good token and tells who it is", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    expect(agent.came[0]).toEqual({ type: "welcome", environmentId: 1, message: expect.any(String) });
    const session = link.session();
    expect(session.identity).toEqual({
      agentId: "agent-1",
      agentName: "box",
      hostname: "box.local",
      version: "0.2.3",
      protocol: "1.0",
      dockerVersion: "26.1.5",
      capabilities: ["exec", "metrics", "events", "compose"],
      address: expect.stringContaining("127.0.0.1"),
    });
    expect(session).toMatchObject({ environmentId: 1, environmentName: "env-1", tokenId: 1001 });
    expect(link.told.map((each) => each.what)).toEqual(["connected"]);
    expect(link.link.stats()).toMatchObject({ connected: 1, accepted: 1, pending: 0 });
  });

  it.each([["1.0"], ["1.7"], ["1"], [undefined]])("accepts protocol %s", async (protocol) => {
    await using link = await startLink();
    const agent = await joinLink(link.url, { protocol });
    expect(agent.came).toHaveLength(1);
  });

  it.each([
    ["an unknown token", { token: "nobody" }, 1008, "token_invalid"],
    ["an empty token", { token: "" }, 1008, "token_invalid"],
    ["a revoked token", { token: "revoked-1" }, 1008, "token_revoked"],
    ["another protocol", { protocol: "2.0" }, 1002, "protocol_unsupported"],
  ])("refuses %s", async (_name, fields, closeCode, code) => {
    await using link = await startLink();
    const agent = await dial(link);
    agent.send(agent.hello(fields));
    expect(await agent.message("error")).toMatchObject({ code, error: expect.any(String) });
    expect((await agent.ended()).code).toBe(closeCode);
    expect(link.link.stats()).toMatchObject({ connected: 0, refused: { [code]: 1 } });
    expect(JSON.stringify(agent.came)).not.toContain("nobody");
  });

  it.each([
    ["another message", JSON.stringify({ type: "ping", timestamp: 1 }), "unexpected_message"],
    ["an unknown type", JSON.stringify({ type: "greetings" }), "unknown_type"],
    ["no JSON", "GET / HTTP/1.1", "malformed_json"],
    ["no type", "{}", "missing_type"],
    ["a hello without a token", JSON.stringify({ type: "hello" }), "invalid_message"],
    ["a binary message", Buffer.from([1, 2, 3]), "unexpected_binary"],
  ])("refuses %s before the hello", async (_name, data, code) => {
    await using link = await startLink();
    const agent = await dial(link);
    agent.socket.send(data);
    expect(await agent.message("error")).toMatchObject({ code });
    expect((await agent.ended()).code).toBe(1008);
  });

  it("refuses a hello that is too large before it is whole", async () => {
    await using link = await startLink();
    const agent = await dial(link);
    agent.send(agent.hello({ agentName: "x".repeat(8 * 1024 * 1024) }));
    expect(await agent.message("error")).toMatchObject({ code: "message_too_big" });
    expect((await agent.ended()).code).toBe(1009);
    await waitFor(() => link.link.stats().pending === 0, { what: "the dial to be forgotten" });
  });

  it("closes a connection that never says hello", async () => {
    await using link = await startLink({ helloTimeoutMs: 50 });
    const agent = await dial(link);
    expect(await agent.message("error")).toMatchObject({ code: "hello_timeout" });
    expect((await agent.ended()).code).toBe(1008);
  });

  it("takes messages that come between hello and welcome in their order", async () => {
    await using link = await startLink();
    const gate = Promise.withResolvers<void>();
    link.lookUp = () => gate.promise;
    const agent = await dial(link);
    agent.send(agent.hello());
    agent.send({ type: "ping", timestamp: 1 });
    agent.send({ type: "ping", timestamp: 2 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    gate.resolve();
    await agent.message("pong", (pong) => pong["timestamp"] === 2);
    expect(agent.came.map((message) => message["type"])).toEqual(["welcome", "pong", "pong"]);
  });

  it("says internal when the token cannot be looked up, and does not count it against the address", async () => {
    await using link = await startLink({ failedDialBurst: 1 });
    link.lookUp = () => Promise.reject(new Error("disk on fire"));
    const agent = await dial(link);
    agent.send(agent.hello());
    expect(await agent.message("error")).toMatchObject({ code: "internal" });
    expect((await agent.ended()).code).toBe(1011);
    link.lookUp = () => Promise.resolve();
    await joinLink(link.url);
  });

  it("closes all with 1001 when it stops, and refuses later dials with 503", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    const silent = await dial(link);
    await link.link.stop();
    expect((await agent.ended()).code).toBe(1001);
    expect(await agent.message("error")).toMatchObject({ code: "shutting_down" });
    expect((await silent.ended()).code).toBe(1001);
    const late = await dial(link);
    expect(late.refused?.status).toBe(503);
  });
});

describe("limits of unknown connections", () => {
  it("limits failed dials by address and leaves other addresses alone", async () => {
    await using link = await startLink({ failedDialBurst: 3, failedDialRefillMs: 60_000 });
    for (let n = 0; n < 3; n += 1) {
      const agent = await dial(link, "127.0.0.2");
      agent.send(agent.hello({ token: "guess" }));
      await agent.ended();
    }
    const limited = await dial(link, "127.0.0.2");
    expect(limited.refused?.status).toBe(429);
    expect(Number(limited.refused?.retryAfter)).toBeGreaterThan(30);
    expect(JSON.parse(limited.refused?.body ?? "")).toMatchObject({ code: "rate_limited" });
    await joinLink(link.url, {}, { localAddress: "127.0.0.3" });
  });

  it("limits silent connections by address, and makes room for other addresses when there are too many in all", async () => {
    await using link = await startLink({ maxNewDials: 4, maxNewDialsPerAddress: 3 });
    const silent = await Promise.all([dial(link, "127.0.0.2"), dial(link, "127.0.0.2"), dial(link, "127.0.0.2")]);
    expect((await dial(link, "127.0.0.2")).refused?.status).toBe(503);
    const other = await dial(link, "127.0.0.3");
    // All places are taken, and three of them by one address.
    const agent = await joinLink(link.url, {}, { localAddress: "127.0.0.4" });
    expect(agent.came[0]).toMatchObject({ type: "welcome" });
    await waitFor(() => silent.some((each) => each.closed), { what: "a silent connection to make room" });
    expect(silent.filter((each) => each.closed)).toHaveLength(1);
    other.send(other.hello({ token: "token-2" }));
    await other.message("welcome");
  });
});

describe("fenced identity", () => {
  it("lets the same agent replace its own older connection", async () => {
    await using link = await startLink();
    const old = await joinLink(link.url);
    const request = link.session().request({ method: "GET", path: "/_ping" });
    const failed = expect(request).rejects.toMatchObject({ code: "agent_disconnected" });
    await joinLink(link.url);
    await failed;
    expect((await old.ended()).code).toBe(1000);
    expect(await old.message("error")).toMatchObject({ code: "replaced" });
    expect(link.told.map((each) => each.what)).toEqual(["connected", "disconnected", "connected"]);
    expect(link.link.sessions.list()).toHaveLength(1);
  });

  it("refuses another agent while the first one answers, and names both machines", async () => {
    await using link = await startLink();
    const first = await joinLink(link.url);
    first.onMessage = (message) => {
      if (message["type"] === "ping") first.send({ type: "pong", timestamp: message["timestamp"] });
    };
    const second = await dial(link, "127.0.0.9");
    second.send(second.hello({ agentId: "agent-2", agentName: "thief", hostname: "elsewhere" }));
    const error = await second.message("error");
    expect(error).toMatchObject({ code: "identity_conflict" });
    for (const name of ["box", "box.local", "127.0.0.1", "thief", "elsewhere", "127.0.0.9"]) {
      expect(error["error"]).toContain(name);
    }
    expect((await second.ended()).code).toBe(1008);
    expect(link.toldOf("conflict")).toMatchObject([
      { environmentId: 1, refused: { agentId: "agent-2" }, connected: { agentId: "agent-1" } },
    ]);
    expect(first.closed).toBeUndefined();
    await expect(link.session().ping(5_000)).resolves.toBeGreaterThan(0);
  });

  it("counts any message as an answer to the probe", async () => {
    await using link = await startLink();
    const first = await joinLink(link.url);
    first.onMessage = (message) => {
      if (message["type"] === "ping") first.send({ type: "metrics", timestamp: 1, metrics: {} });
    };
    const second = await dial(link);
    second.send(second.hello({ agentId: "agent-2" }));
    expect(await second.message("error")).toMatchObject({ code: "identity_conflict" });
  });

  it("admits another agent when the older connection is half open", async () => {
    await using link = await startLink({ probeTimeoutMs: 200 });
    await using network = await startFaultyNetwork({ port: link.port });
    await joinLink(`ws://${network.address}/`);
    network.halfOpen();
    const second = await joinLink(link.url, { agentId: "agent-2" });
    expect(second.came[0]).toMatchObject({ type: "welcome" });
    expect(link.toldOf("disconnected")[0]?.reason).toContain("probe");
    expect(link.toldOf("conflict")).toEqual([]);
    expect(link.session().identity.agentId).toBe("agent-2");
  });

  it("probes once however many come, and lets in the first of them", async () => {
    await using link = await startLink({ probeTimeoutMs: 300 });
    const old = await joinLink(link.url);
    const newcomers: RawAgent[] = [];
    for (const agentId of ["b", "c", "d"]) {
      const agent = await dial(link);
      agent.send(agent.hello({ agentId }));
      newcomers.push(agent);
    }
    await newcomers[0]?.message("welcome");
    expect(await newcomers[1]?.message("error")).toMatchObject({ code: "identity_conflict" });
    expect(await newcomers[2]?.message("error")).toMatchObject({ code: "identity_conflict" });
    expect(old.came.filter((message) => message["type"] === "ping")).toHaveLength(1);
    expect(link.session().identity.agentId).toBe("b");
  });

  it("lets the same agent in at once during a probe, and refuses the others", async () => {
    await using link = await startLink({ probeTimeoutMs: 60_000 });
    await joinLink(link.url);
    const other = await dial(link);
    other.send(other.hello({ agentId: "agent-2" }));
    await waitFor(() => link.link.stats().pending === 1, { what: "the newcomer to wait" });
    await joinLink(link.url);
    expect(await other.message("error")).toMatchObject({ code: "identity_conflict" });
  });

  it("admits the newcomer when the older connection ends during the probe", async () => {
    await using link = await startLink({ probeTimeoutMs: 60_000 });
    const old = await joinLink(link.url);
    const other = await dial(link);
    other.send(other.hello({ agentId: "agent-2" }));
    await old.message("ping");
    old.socket.terminate();
    await other.message("welcome");
  });

  it("refuses more contenders than its limit at once", async () => {
    await using link = await startLink({ probeTimeoutMs: 60_000, maxContenders: 1 });
    const first = await joinLink(link.url);
    const second = await dial(link);
    second.send(second.hello({ agentId: "b" }));
    await first.message("ping");
    const third = await dial(link);
    third.send(third.hello({ agentId: "c" }));
    expect(await third.message("error")).toMatchObject({ code: "identity_conflict" });
    expect(second.closed).toBeUndefined();
  });

  it("does not take two agents without an id for one", async () => {
    await using link = await startLink();
    const first = await joinLink(link.url, { agentId: "" });
    first.onMessage = () => first.send({ type: "pong", timestamp: 0 });
    const second = await dial(link);
    second.send(second.hello({ agentId: "" }));
    expect(await second.message("error")).toMatchObject({ code: "identity_conflict" });
  });
});

describe("closing by token", () => {
  it("closes the session, a waiting newcomer and one whose token is being looked up", async () => {
    await using link = await startLink({ probeTimeoutMs: 60_000 });
    const first = await joinLink(link.url);
    const waiting = await dial(link);
    waiting.send(waiting.hello({ agentId: "b" }));
    await first.message("ping");
    const gate = Promise.withResolvers<void>();
    const looking = Promise.withResolvers<void>();
    link.lookUp = () => {
      looking.resolve();
      return gate.promise;
    };
    const late = await dial(link);
    late.send(late.hello({ agentId: "c" }));
    await looking.promise;
    link.link.closeForToken(1001, 1000, "Token regenerated", "token_revoked");
    gate.resolve();
    for (const agent of [first, waiting, late]) {
      expect(await agent.ended()).toEqual({ code: 1000, reason: "Token regenerated" });
      expect(await agent.message("error")).toMatchObject({ code: "token_revoked" });
    }
    expect(link.link.sessions.list()).toEqual([]);
  });

  it("closes an environment's session only", async () => {
    await using link = await startLink();
    const one = await joinLink(link.url);
    const two = await joinLink(link.url, { token: "token-2", agentId: "agent-2" });
    link.link.closeForEnvironment(1, 1000, "The environment was removed.");
    expect((await one.ended()).code).toBe(1000);
    expect(two.closed).toBeUndefined();
  });
});

describe("liveness", () => {
  const quick: Partial<LinkLimits> = { pingIntervalMs: 40, silenceTimeoutMs: 200 };

  it("pings, and tells the round trip", async () => {
    await using link = await startLink(quick);
    const agent = await joinLink(link.url);
    agent.onMessage = (message) => {
      if (message["type"] === "ping") agent.send({ type: "pong", timestamp: message["timestamp"] });
    };
    await waitFor(() => link.toldOf("latency").length >= 3, { what: "three latencies" });
    expect(link.session().latencyMs).toBeGreaterThan(0);
    expect(agent.closed).toBeUndefined();
  });

  it("gives up an agent that says nothing", async () => {
    await using link = await startLink(quick);
    const agent = await joinLink(link.url);
    expect((await agent.ended()).code).toBe(1006);
    expect(link.toldOf("disconnected")[0]?.reason).toContain("no message");
  });

  it("keeps an agent that answers no ping but says something else", async () => {
    await using link = await startLink(quick);
    const agent = await joinLink(link.url);
    const timer = setInterval(() => agent.send({ type: "ping", timestamp: 1 }), 20);
    await waitFor(() => agent.came.filter((message) => message["type"] === "ping").length > 10, { what: "ten pings" });
    expect(agent.closed).toBeUndefined();
    clearInterval(timer);
  });

  it("answers the agent's pings with their timestamp", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    agent.send({ type: "ping", timestamp: 1_795_350_094 });
    expect(await agent.message("pong")).toEqual({ type: "pong", timestamp: 1_795_350_094 });
  });

  it("rejects ping() when no pong comes in time", async () => {
    await using link = await startLink();
    await joinLink(link.url);
    await expect(link.session().ping(50)).rejects.toMatchObject({ code: "agent_timeout" });
  });
});

it("does not answer garbage on the raw socket with more than a close", async () => {
  await using link = await startLink();
  const socket = createConnection(link.port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(
    "GET /api/hawser/connect HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  await once(socket, "data");
  socket.write(randomBytes(4096));
  socket.on("error", () => {});
  await Promise.race([once(socket, "close"), once(socket, "end")]);
  socket.destroy();
  await joinLink(link.url);
});
