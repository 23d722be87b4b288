import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Environment, EventPage, MetricsSeries } from "@fairlead/protocol/rest";
import { type LegacyAgent, type LegacyAgentOptions, startLegacyAgent, startProgram, waitFor } from "@fairlead/testkit";
import { type ConnectedSocket, Stage } from "./stage.ts";

// Acceptance 5 of the foundation: a 1.0 agent written from the reference alone, with the habits of deployed ones, is served by the whole hub.
let stage: Stage;
let token: string;
let host: ConnectedSocket;
let environmentId: number;
beforeAll(async () => {
  stage = await Stage.open();
  const { agentToken, environment } = await stage.addEnvironment({ name: "field" });
  token = agentToken ?? "";
  environmentId = environment.id;
  host = await stage.connect("field");
});
afterAll(() => stage[Symbol.asyncDispose]());

const dial = (options: Partial<LegacyAgentOptions> = {}): Promise<LegacyAgent> =>
  startLegacyAgent({
    url: stage.agentUrl,
    token,
    dockerSocket: stage.engine.socketPath,
    metricsIntervalMs: 0,
    ...options,
    hello: { agentId: "field-agent", agentName: "in the field", hostname: "box", ...options.hello },
  });
const environment = () => stage.api<Environment>("GET", "/environments/field");
const offline = () => waitFor(async () => (await environment()).link.state === "down", { what: "the link to be down" });

describe("docker through a deployed agent", () => {
  let agent: LegacyAgent;
  beforeAll(async () => {
    agent = await dial();
    await stage.online("field");
    return async () => {
      await agent.stop();
      await offline();
    };
  });

  test("the welcome carries the environment's number", async () => {
    expect(await agent.welcomed()).toMatchObject({ type: "welcome", environmentId });
    expect((await environment()).agent).toMatchObject({
      agentId: "field-agent",
      agentName: "in the field",
      hostname: "box",
    });
  });

  test("ps, inspect, create, start, logs, wait, rm", async () => {
    await host.dockerOk(["create", "--name", "life", "busybox", "sh", "-c", "echo out; echo err >&2; sleep 1; exit 4"]);
    await host.dockerOk(["start", "life"]);
    expect(await host.dockerOk(["wait", "life"])).toBe("4");
    const logs = await host.docker(["logs", "-f", "life"]);
    expect([logs.stdout.toString(), logs.stderr.toString()]).toEqual(["out\n", "err\n"]);
    expect(await host.dockerOk(["ps", "-a", "--format", "{{.Names}}"])).toContain("life");
    await host.dockerOk(["rm", "life"]);
  });

  test("what is missing is a 404, though this agent gives streams no status", async () => {
    for (const command of [
      ["logs", "-f", "none"],
      ["wait", "none"],
      ["export", "none"],
      ["cp", "none:/x", "-"],
    ]) {
      const { code, stderr } = await host.docker(command);
      expect([code, stderr.toString()]).toEqual([1, expect.stringContaining("No such container")]);
    }
  });

  test("the end of a follower reaches the agent", async () => {
    const id = await host.dockerOk(["run", "-d", "busybox", "sh", "-c", "while :; do echo tick; sleep 0.1; done"]);
    const follower = await startProgram("docker", ["logs", "-f", id], { env: host.env });
    await follower.waitForLine(/tick/);
    await follower.stop();
    await waitFor(() => agent.open.streams === 0, { what: "the stream's cancel" });
    await stage.engine.dockerOk(["rm", "-f", id]);
  });

  test("files travel both ways as tar", async () => {
    const { path } = await stage.randomFile("small", 2_000_000);
    const id = await host.dockerOk(["create", "busybox", "true"]);
    await host.dockerOk(["cp", path, `${id}:/small`]);
    await host.dockerOk(["cp", `${id}:/small`, `${path}.back`]);
    expect(await stage.fairlead(["docker", "field", "--", "rm", id])).toMatchObject({ code: 0 });
  });

  test("exec runs a command in a terminal", async () => {
    const id = await host.dockerOk(["run", "-d", "busybox", "sleep", "1000"]);
    const { stdout } = await stage.fairlead(["exec", "field", id, "sh"], { input: "echo $((6*7)); exit\n" });
    expect(stdout.toString()).toContain("42");
    await waitFor(() => agent.open.execs === 0, { what: "the exec's end" });
    await stage.engine.dockerOk(["rm", "-f", id]);
  });

  test("events and metrics are kept; disk figures that it does not send are unknown, not 0", async () => {
    const at = Math.floor(Date.now() / 1000);
    agent.sendEvent({ containerId: "abc", containerName: "told", action: "oom" });
    agent.sendMetrics({ diskTotal: undefined, diskUsed: undefined, diskFree: undefined }, at);
    await waitFor(
      async () => (await stage.api<EventPage>("GET", "/environments/field/events?container=told")).items.length === 1,
      { what: "the event" },
    );
    const point = await waitFor(
      async () =>
        (await stage.api<MetricsSeries>("GET", "/environments/field/metrics")).points.find((point) => point.at === at),
      { what: "the figures" },
    );
    expect(point.metrics.cpuUsage).toBe(12.5);
    expect(point.metrics).not.toHaveProperty("diskTotal");
  });
});

describe("dialects", () => {
  beforeEach(offline);

  test("capabilities null, unknown types and fields", async () => {
    await using agent = await dial({ hello: { capabilities: null }, dialect: { unknownTypesAndFields: true } });
    await agent.welcomed();
    expect((await stage.online("field")).agent?.capabilities).toEqual([]);
    expect(await host.dockerOk(["version", "--format", "{{.Server.Version}}"])).toContain("26.1");
    expect(agent.connection.closeInfo).toBeUndefined();
  });

  test("a new agentId at every start takes over from a half-open connection", async () => {
    await using dead = await dial({ hello: { agentId: "first-start" } });
    await dead.welcomed();
    dead.goHalfOpen();
    await using agent = await dial({ hello: { agentId: "second-start" } });
    await agent.welcomed();
    expect((await environment()).agent?.agentId).toBe("second-start");
    expect((await environment()).conflict).toBeNull();
  });

  test("a second machine is refused by name while the first answers, and the hub shows both", async () => {
    await using first = await dial({ hello: { agentId: "one", hostname: "first-box" } });
    await first.welcomed();
    await using second = await dial({ hello: { agentId: "two", hostname: "second-box" } });
    const error = await second.connection.waitForMessage("error");
    expect(error["code"]).toBe("identity_conflict");
    expect(error["error"]).toMatch(/first-box[^]*second-box|second-box[^]*first-box/);
    expect(await second.connection.closed).toMatchObject({ code: 1008 });
    expect(first.connection.closeInfo).toBeUndefined();
    expect((await environment()).conflict).toMatchObject({
      refused: { hostname: "second-box" },
      connected: { hostname: "first-box" },
    });
    await stage.api("DELETE", "/environments/field/conflict");
    expect((await environment()).conflict).toBeNull();
  });

  test("the same agentId replaces its own old connection", async () => {
    await using old = await dial();
    await old.welcomed();
    await using agent = await dial();
    await agent.welcomed();
    await old.connection.closed;
    expect(agent.connection.closeInfo).toBeUndefined();
  });

  test("a rotated token with overlap lets both in, revoking closes at once", async () => {
    await using agent = await dial();
    await agent.welcomed();
    const { agentToken } = await stage.api<{ agentToken: string }>("POST", "/environments/field/token", {
      overlapSeconds: 60,
    });
    await using renewed = await dial({ token: agentToken });
    await renewed.welcomed();
    await stage.api("DELETE", "/environments/field/token");
    await renewed.connection.closed;
    await using refused = await dial({ token: agentToken });
    expect(await refused.connection.waitForMessage("error")).toMatchObject({ code: "token_revoked" });
    ({ agentToken: token } = await stage.api<{ agentToken: string }>("POST", "/environments/field/token", {}));
  });
});
