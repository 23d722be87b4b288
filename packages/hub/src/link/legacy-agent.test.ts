import { type Dockerd, type LegacyAgent, startDockerd, startLegacyAgent, waitFor } from "@fairlead/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LinkUnderTest, startLink, text } from "./link-under-test.ts";

const get = (path: string) => ({ method: "GET", path });

describe("a 1.0 agent in front of a real Docker Engine", () => {
  let dockerd: Dockerd;
  let link: LinkUnderTest;
  let agent: LegacyAgent;

  beforeAll(async () => {
    dockerd = await startDockerd();
    await dockerd.importBusybox();
    link = await startLink();
    agent = await startLegacyAgent({ url: link.url, token: "token-1", dockerSocket: dockerd.socketPath });
    await agent.welcomed();
    const script = "echo one; echo two; while true; do sleep 1; done";
    await dockerd.dockerOk(["run", "-d", "--name", "box", "--network", "none", "busybox", "sh", "-c", script]);
  });

  afterAll(async () => {
    await agent.stop();
    await link[Symbol.asyncDispose]();
    await dockerd.stop();
  });

  it("carries requests with their status, and bodies", async () => {
    const session = link.session();
    const list = await session.request(get("/v1.45/containers/json"));
    expect(list.status).toBe(200);
    expect(list.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(Buffer.from(list.body).toString())).toMatchObject([{ Names: ["/box"] }]);
    expect((await session.request(get("/v1.45/containers/nosuch/json"))).status).toBe(404);
    const body = Buffer.from(JSON.stringify({ Name: "made" }));
    const headers = { "content-type": "application/json" };
    const created = await session.request({ method: "POST", path: "/v1.45/volumes/create", headers, body });
    expect(created.status).toBe(201);
    expect((await session.request({ method: "DELETE", path: "/v1.45/volumes/made" })).status).toBe(204);
  });

  it("carries a followed log until it is cancelled", async () => {
    const path = "/v1.45/containers/box/logs?follow=1&stdout=1&stderr=1";
    const stream = await link.session().openStream(get(path));
    let bytes = Buffer.alloc(0);
    for await (const chunk of stream.body) {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.includes("two\n")) break;
    }
    expect(bytes).toEqual(Buffer.from("\u0001\0\0\0\0\0\0\u0004one\n\u0001\0\0\0\0\0\0\u0004two\n"));
    await waitFor(() => agent.open.streams === 0, { what: "the agent to end the stream" });
  });

  it("opens a terminal", async () => {
    const start = { container: "box", cmd: "/bin/sh", user: "root", cols: 80, rows: 24 };
    const terminal = await link.session().openTerminal(start);
    terminal.resize(99, 31);
    await terminal.write(Buffer.from("echo $((6*7)); stty size; exit\r"));
    const output = await text(terminal);
    expect(output).toContain("42\r\n");
    expect(output).toContain("31 99\r\n");
    expect(await terminal.ended).toEqual({ reason: "container_exit" });
    await expect(link.session().openTerminal({ ...start, container: "nosuch" })).rejects.toMatchObject({
      code: "exec_create_failed",
      message: expect.stringContaining("nosuch"),
    });
  });

  it("reports events in order", async () => {
    const before = link.toldOf("event").length;
    await dockerd.dockerOk(["run", "--rm", "--name", "brief", "--network", "none", "busybox", "true"]);
    const actions = await waitFor(
      () => {
        const events = link.toldOf("event").slice(before);
        const own = events.filter(({ event }) => event.containerName === "brief").map(({ event }) => event.action);
        return own.includes("destroy") && own;
      },
      { what: "the container's end" },
    );
    expect(actions).toEqual(["create", "start", "die", "destroy"]);
  });
});

describe("dialects of deployed agents", () => {
  it("hello with `capabilities: null`, without hostname and with unknown fields", async () => {
    await using link = await startLink();
    await using agent = await startLegacyAgent({
      url: link.url,
      token: "token-1",
      hello: { capabilities: null, hostname: undefined, extra: { nested: true } },
    });
    await agent.welcomed();
    expect(link.session().identity).toMatchObject({ capabilities: [], hostname: "" });
  });

  it("metrics without disk figures are unknown, not 0", async () => {
    await using link = await startLink();
    await using agent = await startLegacyAgent({
      url: link.url,
      token: "token-1",
      metricsIntervalMs: 20,
      dialect: { metricsWithoutDisk: true },
    });
    await agent.welcomed();
    const told = await waitFor(() => link.toldOf("metrics")[0], { what: "metrics" });
    expect(told.metrics).not.toHaveProperty("diskTotal");
    expect(told.metrics.cpuCores).toBeGreaterThan(0);
  });

  it("unknown message types and fields", async () => {
    await using link = await startLink();
    await using agent = await startLegacyAgent({
      url: link.url,
      token: "token-1",
      dialect: { unknownTypesAndFields: true },
      handler: () => ({ body: "OK" }),
    });
    await agent.welcomed();
    expect((await link.session().request(get("/_ping"))).status).toBe(200);
    expect(link.link.stats()).toMatchObject({ unknownTypes: 2, badMessages: {} });
    expect(agent.connection.received("error")).toEqual([]);
  });

  it("no answer to pings, while its own keep coming", async () => {
    await using link = await startLink({ pingIntervalMs: 30, silenceTimeoutMs: 150 });
    await using agent = await startLegacyAgent({
      url: link.url,
      token: "token-1",
      pingIntervalMs: 30,
      dialect: { ignorePings: true },
    });
    await agent.welcomed();
    await waitFor(() => agent.connection.received("ping").length >= 10, { what: "ten pings" });
    expect(agent.connection.isOpen).toBe(true);
  });

  it("a new agentId at every start, with a half-open connection left behind", async () => {
    await using link = await startLink({ probeTimeoutMs: 100 });
    const options = { url: link.url, token: "token-1", dialect: { freshAgentId: true } };
    await using before = await startLegacyAgent(options);
    await before.welcomed();
    before.goHalfOpen();
    await using after = await startLegacyAgent(options);
    await after.welcomed();
    expect(link.session().identity.agentId).toBe(after.agentId);
  });

  const refusal = {
    status: 404,
    headers: { "Content-Type": "application/json" },
    body: '{"message":"No such container: c"}\n',
  };

  it("a refused stream as data", async () => {
    await using link = await startLink();
    await using agent = await startLegacyAgent({ url: link.url, token: "token-1", handler: () => refusal });
    await agent.welcomed();
    const stream = await link.session().openStream(get("/containers/c/logs?follow=1"));
    expect(stream.status).toBe(200);
    expect(await text(stream)).toBe(refusal.body);
  });

  it("a refused stream as a response before its stream_end", async () => {
    await using link = await startLink();
    await using agent = await startLegacyAgent({
      url: link.url,
      token: "token-1",
      handler: () => refusal,
      dialect: { streamErrorsAsData: false },
    });
    await agent.welcomed();
    const stream = await link.session().openStream(get("/containers/c/logs?follow=1"));
    expect(stream.status).toBe(404);
    expect(await text(stream)).toBe(refusal.body);
  });

  it("compose output as `stream` lines before the one response", async () => {
    await using link = await startLink();
    await using agent = await startLegacyAgent({
      url: link.url,
      token: "token-1",
      compose: () => ({ result: { success: false, output: "", exitCode: 1 }, lines: ["pulling\n", "failed\n"] }),
    });
    await agent.welcomed();
    const body = Buffer.from(JSON.stringify({ operation: "up", projectName: "p", streamOutput: true }));
    const lines: string[] = [];
    const answer = await link
      .session()
      .request(
        { method: "POST", path: "/_hawser/compose", body },
        { onStream: (data) => void lines.push(Buffer.from(data).toString()) },
      );
    expect(answer.status).toBe(500);
    expect(lines).toEqual(["pulling\n", "failed\n"]);
  });
});
