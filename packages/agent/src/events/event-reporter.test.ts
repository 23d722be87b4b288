import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Dockerd,
  type LegacyHub,
  type LegacyHubConnection,
  startDockerd,
  startLegacyHub,
  waitFor,
} from "@fairlead/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startTestEdgeAgent, type TestEdgeAgent } from "../link/edge-agent-fixture.ts";

interface Event {
  readonly containerId: string;
  readonly containerName?: string;
  readonly action: string;
  readonly actorAttributes: Record<string, string>;
  readonly timestamp: string;
}

describe("container events on a real engine", () => {
  let dockerd: Dockerd;
  let dataDir: string;
  let hub: LegacyHub;
  let agent: TestEdgeAgent | undefined;

  beforeAll(async () => {
    dockerd = await startDockerd({ network: true });
    await dockerd.importBusybox();
  });

  afterAll(async () => {
    await dockerd.stop();
  });

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "fl-events-"));
    hub = await startLegacyHub();
  });

  afterEach(async () => {
    await stopAgent();
    await hub.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function startAgent(): Promise<LegacyHubConnection> {
    const after = hub.connections.length;
    const { url, token } = hub;
    agent = await startTestEdgeAgent({ url, token, socketPath: dockerd.socketPath, config: { dataDir } });
    return await hub.waitForAgent(after);
  }

  async function stopAgent(): Promise<void> {
    await agent?.[Symbol.asyncDispose]();
    agent = undefined;
  }

  /** Everything that ever came, in the order in which it came. */
  const received = (): Event[] =>
    hub.connections.flatMap((connection) =>
      connection.received("container_event").map((message) => message["event"] as Event),
    );

  /** What a hub that stores an event once has. */
  function stored(): Event[] {
    const seen = new Set<string>();
    return received().filter(({ containerId, action, timestamp }) => {
      const key = `${containerId} ${action} ${timestamp}`;
      return !seen.has(key) && seen.add(key);
    });
  }

  const createdNames = (): (string | undefined)[] =>
    stored()
      .filter(({ action }) => action === "create")
      .map(({ containerName }) => containerName);

  /** Creates containers through the engine's API, far faster than the command line does. */
  async function create(names: readonly string[]): Promise<void> {
    const engine = agent?.engine;
    if (engine === undefined) throw new Error("no agent");
    for (const name of names) {
      const body = Buffer.from(JSON.stringify({ Image: "busybox" }));
      const { status } = await engine.request({ method: "POST", path: `/v1.44/containers/create?name=${name}`, body });
      expect(status).toBe(201);
    }
  }

  /** Unix nanoseconds of RFC 3339, as digits. */
  const nanoOf = (timestamp: string): string =>
    `${Date.parse(`${timestamp.slice(0, 19)}Z`) / 1000}${timestamp.slice(20, 29)}`;

  const names = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

  test("all actions of a container's life, in order, with names and nanoseconds; execs are left out", async () => {
    await startAgent();
    const healthy = ["--health-cmd", "true", "--health-interval", "100ms", "--health-start-interval", "100ms"];
    await dockerd.dockerOk([
      "run",
      "-d",
      "--init",
      "--name",
      "life",
      "--label",
      "a.b=c",
      ...healthy,
      "busybox",
      "sleep",
      "1000",
    ]);
    await waitFor(() => stored().some(({ action }) => action === "health_status"), { what: "the health" });
    await dockerd.dockerOk(["exec", "life", "true"]);
    for (const command of ["pause", "unpause", "restart"]) await dockerd.dockerOk([command, "life"]);
    await dockerd.dockerOk(["update", "--memory", "64m", "--memory-swap", "64m", "life"]);
    await dockerd.dockerOk(["rename", "life", "afterlife"]);
    await dockerd.dockerOk(["rm", "-f", "afterlife"]);
    await waitFor(() => stored().some(({ action }) => action === "destroy"), { what: "the end" });
    const events = stored();
    const expected = [
      "create",
      "start",
      "pause",
      "unpause",
      "kill",
      "die",
      "stop",
      "restart",
      "update",
      "rename",
      "destroy",
    ];
    expect(events.map(({ action }) => action)).toEqual(expect.arrayContaining([...expected, "health_status"]));
    expect(new Set(events.map(({ action }) => action)).size).toBe(expected.length + 1);
    const [first] = events;
    expect(first).toMatchObject({
      containerName: "life",
      image: "busybox",
      actorAttributes: { "a.b": "c", name: "life" },
    });
    const health = stored().find(({ action }) => action === "health_status");
    expect(health?.actorAttributes["healthStatus"]).toBe("healthy");
    // In the engine's own order, to the nanosecond.
    const engineEvents = await dockerd.dockerOk([
      ...[
        "events",
        "--since",
        "10m",
        "--until",
        String(Math.ceil(Date.now() / 1000) + 1),
        "--filter",
        "type=container",
      ],
      ...["--format", "{{.TimeNano}} {{.Action}}"],
    ]);
    const inEngine = engineEvents.split("\n").filter((line) => !/ (exec|attach|resize|top)/.test(line));
    const inHistory = inEngine.map((line) => line.split(":")[0] ?? "");
    const reported = events.map(({ action, timestamp }) => `${nanoOf(timestamp)} ${action}`);
    // Checks of health run beside the commands: who listens may be told of one before or after what happened in the same moment.
    const isHealth = (line: string): boolean => line.endsWith(" health_status");
    for (const kind of [isHealth, (line: string) => !isHealth(line)])
      expect(reported.filter(kind)).toEqual(inHistory.filter(kind));
  });

  test("200 containers made while the hub is down arrive once and in order", async () => {
    const connection = await startAgent();
    await create(["before"]);
    await waitFor(() => createdNames().includes("before"), { what: "the one before" });
    await hub.goAway();
    const wanted = names("down", 200);
    await create(wanted);
    await hub.listen();
    await hub.waitForAgent(hub.connections.indexOf(connection) + 1);
    await create(["after"]);
    await waitFor(() => createdNames().includes("after"), { what: "the one after" });
    expect(createdNames()).toEqual(["before", ...wanted, "after"]);
  });

  test("events that a dying connection swallowed are sent again", async () => {
    const connection = await startAgent();
    connection.goHalfOpen();
    await create(names("swallowed", 5));
    connection.terminate();
    await hub.waitForAgent(1);
    await waitFor(() => createdNames().includes("swallowed-4"), { what: "the last" });
    expect(createdNames()).toEqual(names("swallowed", 5));
  });

  test("what happens while the agent is away is asked from the engine, from where it left off", async () => {
    await startAgent();
    await waitFor(() => readFile(join(dataDir, "events-mark"), "utf8"), { what: "the mark of the first start" });
    await stopAgent();
    for (const name of names("away", 3)) await dockerd.dockerOk(["create", "--name", name, "busybox"]);
    await startAgent();
    await waitFor(() => createdNames().length >= 3, { what: "the three" });
    expect(createdNames()).toEqual(names("away", 3));
  });

  test("a restart of the engine is survived, and said where events may be missing", async () => {
    const connection = await startAgent();
    await create(["first"]);
    await waitFor(() => createdNames().includes("first"), { what: "the first" });
    await dockerd.restart("SIGKILL");
    await dockerd.dockerOk(["create", "--name", "second", "busybox"]);
    await waitFor(() => createdNames().includes("second"), { what: "the second" });
    expect(createdNames()).toEqual(["first", "second"]);
    const lost = await connection.waitForMessage("error", ({ code }) => code === "events_lost");
    expect(lost["error"]).toMatch(/^container events between \S+Z and \S+Z may be lost$/);
    // The hub was never left.
    expect(hub.connections).toHaveLength(1);
    expect(connection.isOpen).toBe(true);
  });
});
