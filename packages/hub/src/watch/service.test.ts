import { type FakeEngine, startFakeEngine, waitFor } from "@fairlead/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { databaseFixture, type DatabaseFixture, silentLog as log } from "../database/database-fixture.ts";
import { EngineConnections } from "../engine/engine-connections.ts";
import { DialledEngine } from "../engine/dialled-engine.ts";
import type { EnvironmentRecord } from "../environments/record.ts";
import type { AgentSession } from "../link/agent-session.ts";
import { ContainerLists } from "./container-lists.ts";
import { Watch, type WatchTimes } from "./service.ts";
import { sessionFixture } from "./session-fixture.ts";
import { WatchStore } from "./store.ts";
import { ANY_ADDRESS } from "../engine/any-address-fixture.ts";

const QUICK: WatchTimes = {
  checkMs: 60,
  snapshotMs: 60_000,
  snapshotPauseMs: 100,
  settleMs: 5,
  timeoutMs: 2_000,
  sweepMs: 5,
  saveMs: 20,
};

let database: DatabaseFixture;
let engine: FakeEngine;
let store: WatchStore;
let records: EnvironmentRecord[];
let sessions: Map<number, AgentSession>;
let connections: EngineConnections;
let watch: Watch;
let changes: number[];
let engineChanges: unknown[];

function record(id: number, kind: EnvironmentRecord["kind"], address: string | null): EnvironmentRecord {
  return { id, name: `host-${id}`, kind, labels: {}, address, tls: null, createdAt: 0 };
}

async function start(times: Partial<WatchTimes> = {}): Promise<Map<number, number>> {
  sessions = new Map();
  changes = [];
  engineChanges = [];
  connections = new EngineConnections({
    guard: ANY_ADDRESS,
    environments: { list: () => Promise.resolve(records), onChange: () => {} },
    sessions,
    log,
  });
  await connections.start();
  watch = new Watch({
    store,
    environments: { list: () => Promise.resolve(records) },
    connections,
    sessions,
    onChange: (id) => void changes.push(id),
    onEngine: (id, kind, isUp) => void engineChanges.push([id, kind, isUp]),
    log,
    times: { ...QUICK, ...times },
  });
  return watch.start();
}

async function stop(): Promise<void> {
  await watch.stop();
  connections.stop();
}

function connectAgent(id = 1): AgentSession {
  const address = `unix://${engine.socketPath}`;
  const session = sessionFixture(id, new DialledEngine(record(id, "socket", address), ANY_ADDRESS));
  sessions.set(id, session);
  watch.linkConnected(session);
  return session;
}

function loseAgent(session: AgentSession, reason = "it went away"): void {
  sessions.delete(session.environmentId);
  watch.linkDisconnected(session, reason);
}

const lights = (id = 1): string => `${watch.state(id).link.state} ${watch.state(id).engine.state}`;
const waitForLights = (wanted: string, id = 1): Promise<unknown> =>
  waitFor(() => lights(id) === wanted, { what: () => `lights ${wanted}, not ${JSON.stringify(watch.state(id))}` });
const requests = (path: string): number => engine.requests.filter(({ url }) => url.includes(path)).length;

beforeEach(async () => {
  database = await databaseFixture();
  store = new WatchStore(database.db);
  engine = await startFakeEngine();
  engine.containers = [
    { Id: "c1", Names: ["/one"], State: "running" },
    { Id: "c2", Names: ["/two"], State: "exited" },
  ];
  engine.info = { ...engine.info, OperatingSystem: "Debian", Architecture: "x86_64", MemTotal: 1024, Images: 3 };
  records = [record(1, "edge", null)];
});

afterEach(async () => {
  await stop();
  await engine.stop();
  await database[Symbol.asyncDispose]();
});

describe("Watch of edge hosts", () => {
  it("knows nothing of an agent that never came; then its link, then its engine", async () => {
    await start();
    expect(watch.state(1)).toEqual({
      link: { state: "unknown", since: null, checkedAt: null, error: null },
      engine: { state: "unknown", since: null, checkedAt: null, error: null },
      engineInfo: null,
      snapshotAt: null,
    });
    const session = connectAgent();
    expect(watch.state(1).link).toMatchObject({
      state: "up",
      since: new Date(session.connectedAt).toISOString(),
      error: null,
    });
    await waitForLights("up up");
    await waitFor(() => watch.state(1).snapshotAt, { what: "a snapshot" });
    expect(watch.state(1).engineInfo).toEqual({
      version: "26.1.5",
      apiVersion: "1.45",
      os: "Debian",
      arch: "x86_64",
      cpus: 2,
      memoryBytes: 1024,
      containers: { total: 2, running: 1, paused: 0, stopped: 1 },
      images: 3,
    });
    expect(changes).toEqual([1, 1, 1]);
    expect(engineChanges).toEqual([[1, "edge", true]]);
  });

  it("is never green while the engine is dead, and says why; green again when it is back", async () => {
    await start();
    connectAgent();
    await waitForLights("up up");
    const before = watch.state(1).engine.since;
    await engine.goAway();
    await waitForLights("up down");
    await waitFor(() => watch.state(1).engine.error?.includes("cannot connect"), { what: "the reason" });
    await engine.listen();
    await waitForLights("up up");
    expect(watch.state(1).engine.since).not.toBe(before);
    engine.fault("GET /_ping", { kind: "status", status: 503, message: "Cannot connect to the Docker daemon" });
    await waitForLights("up down");
    expect(watch.state(1).engine.error).toBe("The engine answered 503: Cannot connect to the Docker daemon");
    expect(engineChanges).toEqual([true, false, true, false].map((isUp) => [1, "edge", isUp]));
  });

  it("tells a hanging engine from a live one", async () => {
    await start({ timeoutMs: 100 });
    connectAgent();
    await waitForLights("up up");
    engine.fault("GET /_ping", { kind: "stall" });
    await waitForLights("up down");
  });

  it("knows nothing of the engine when the link is down, keeps what it knew, and does not ask", async () => {
    await start();
    const session = connectAgent();
    await waitFor(() => watch.state(1).snapshotAt, { what: "a snapshot" });
    loseAgent(session, "closed with 1006");
    expect(watch.state(1)).toMatchObject({
      link: { state: "down", error: "closed with 1006", checkedAt: new Date(session.lastMessageAt).toISOString() },
      engine: { state: "unknown" },
      engineInfo: { version: "26.1.5" },
    });
    const asked = engine.requestCount;
    watch.reportFailure(1);
    watch.containersChanged(1);
    await new Promise((resolve) => setTimeout(resolve, 3 * QUICK.checkMs));
    expect(engine.requestCount).toBe(asked);
  });

  it("a replaced connection's end does not darken the new one", async () => {
    await start();
    const old = connectAgent();
    connectAgent();
    watch.linkDisconnected(old, "replaced");
    expect(watch.state(1).link.state).toBe("up");
    await waitForLights("up up");
  });

  it("takes a new snapshot when containers change, but not for each of many changes", async () => {
    await start();
    connectAgent();
    await waitFor(() => watch.state(1).snapshotAt, { what: "a snapshot" });
    const before = requests("/containers/json");
    engine.containers.push({ Id: "c3", Names: ["/three"], State: "running" });
    const until = Date.now() + 5 * QUICK.snapshotPauseMs;
    while (Date.now() < until) {
      watch.containersChanged(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await waitFor(() => watch.state(1).engineInfo?.containers.total === 3, { what: "the new figures" });
    const taken = requests("/containers/json") - before;
    expect(taken).toBeGreaterThan(1);
    expect(taken).toBeLessThan(9);
    await waitFor(async () => (await store.containers(1))?.containers.includes("three"), { what: "it to be stored" });
  });

  it("looks at once when a call failed", async () => {
    await start({ checkMs: 60_000, snapshotPauseMs: 10 });
    connectAgent();
    await waitFor(() => watch.state(1).snapshotAt, { what: "a snapshot" });
    await engine.goAway();
    watch.reportFailure(1);
    await waitForLights("up down");
  });

  it("survives a restart of the hub truthfully: down since last seen, with what was known", async () => {
    await start();
    const session = connectAgent();
    await waitFor(() => watch.state(1).snapshotAt, { what: "a snapshot" });
    const known = watch.state(1);
    await stop();
    const lastSeen = await start();
    expect(lastSeen.get(1)).toBe(session.lastMessageAt);
    const lastContact = new Date(session.lastMessageAt).toISOString();
    expect(watch.state(1)).toMatchObject({
      link: {
        state: "down",
        since: lastContact,
        checkedAt: lastContact,
        error: expect.stringContaining("restarted") as string,
      },
      engine: { state: "unknown", since: lastContact },
      engineInfo: known.engineInfo,
      snapshotAt: known.snapshotAt,
    });
    await stop();
    await start();
    expect(watch.state(1).link).toMatchObject({ state: "down", since: lastContact });
  });

  it("counts hosts by kind and lights", async () => {
    records = [1, 2, 3].map((id) => record(id, "edge", null));
    await start();
    connectAgent(1);
    connectAgent(2);
    await waitForLights("up up", 1);
    await waitForLights("up up", 2);
    expect(watch.counts()).toEqual([
      { kind: "edge", link: "up", engine: "up", hosts: 2 },
      { kind: "edge", link: "unknown", engine: "unknown", hosts: 1 },
    ]);
  });
});

describe("Watch of dialled hosts", () => {
  beforeEach(() => {
    const socket = record(1, "socket", `unix://${engine.socketPath}`);
    records = [socket, record(2, "standard", "http://127.0.0.1:9"), record(3, "direct", "tcp://127.0.0.1:9")];
  });

  it("sees which can be reached, and which of their engines answer", async () => {
    await start();
    await waitForLights("up up", 1);
    await waitForLights("down unknown", 2);
    await waitForLights("down unknown", 3);
    expect(watch.state(2).link.error).toContain("127.0.0.1:9");
    await engine.goAway();
    await waitForLights("down down", 1);
    await engine.listen();
    await waitForLights("up up", 1);
  });

  it("shows nothing as up after a restart until it was seen", async () => {
    await start();
    await waitForLights("up up", 1);
    await stop();
    engine.fault("GET /_ping", { kind: "stall" }, 1);
    const lastSeen = await start();
    expect(lastSeen.get(1)).toBeGreaterThan(Date.now() - 60_000);
    expect(lights(1)).toBe("unknown unknown");
    expect(watch.state(1).engine.checkedAt).not.toBeNull();
    await waitForLights("up up", 1);
  });

  it("takes on, looks at again, and forgets environments as they change", async () => {
    records = [];
    await start({ checkMs: 60_000 });
    const added = record(7, "socket", "unix:///nowhere");
    records.push(added);
    await connections.start();
    watch.onEnvironmentChange({ type: "created", environment: added });
    await waitForLights("down down", 7);
    await connections.start();
    watch.onEnvironmentChange({ type: "removed", environment: added });
    expect(lights(7)).toBe("unknown unknown");
    expect(watch.counts()).toEqual([]);
  });
});

describe("Watch of thousands", () => {
  const HOSTS = 2_000;

  it("looks at all of them, a few at a time, in little memory, with dead ones not in the way", async () => {
    records = Array.from({ length: HOSTS }, (_, index) => record(index + 1, "edge", null));
    await start({ checkMs: 60_000, sweepMs: 20, timeoutMs: 10_000 });
    let inFlight = 0;
    let most = 0;
    const answer = (path: string): string => {
      if (path === "/_ping") return "OK";
      return JSON.stringify(path.startsWith("/containers") ? engine.containers : engine.info);
    };
    const request: AgentSession["request"] = async ({ path }) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight -= 1;
      return { status: 200, headers: {}, body: new TextEncoder().encode(answer(path)) };
    };
    const never: AgentSession["request"] = () => new Promise(() => {});
    const base = sessionFixture(0, new DialledEngine(record(0, "socket", "unix:///nowhere"), ANY_ADDRESS));
    for (let id = 1; id <= HOSTS; id += 1) {
      const session = { ...base, environmentId: id, request: id % 100 === 1 ? never : request };
      sessions.set(id, session);
      watch.linkConnected(session);
    }
    const up = (): number => watch.counts().find(({ engine }) => engine === "up")?.hosts ?? 0;
    await waitFor(() => up() === HOSTS - HOSTS / 100, { what: () => `all engines up, not ${up()}` });
    await waitFor(() => watch.state(HOSTS).snapshotAt, { what: "the last snapshot" });
    expect(most).toBeLessThanOrEqual(3 * 32);
    await watch.save();
    const { rows } = await database.db
      .selectFrom("lights")
      .select((eb) => eb.fn.countAll<number>().as("rows"))
      .executeTakeFirstOrThrow();
    expect(rows).toBe(2 * HOSTS);
  });
});

describe("ContainerLists", () => {
  const list = (options: { timeoutMs?: number; deadlineMs?: number; failed?: number[] } = {}): ContainerLists =>
    new ContainerLists({ store, connections, reportFailure: (id) => void options.failed?.push(id), ...options });

  it("are live where the host answers, else as last known with age and reason", async () => {
    await start();
    const session = connectAgent();
    await waitFor(async () => await store.containers(1), { what: "a stored snapshot" });
    records.push(record(2, "edge", null));
    await connections.start();
    engine.containers.push({ Id: "c3", Names: ["/new"], State: "running" });
    const failed: number[] = [];
    const [live, never] = await list({ failed }).list(records);
    expect(live).toMatchObject({ environment: { id: 1, name: "host-1", kind: "edge" }, live: true, error: null });
    expect(live?.containers.map(({ Id }) => Id)).toEqual(["c1", "c2", "c3"]);
    expect(never).toMatchObject({
      live: false,
      at: null,
      containers: [],
      error: expect.stringContaining("not connected") as string,
    });
    expect(failed).toEqual([2]);
    loseAgent(session);
    const [offline] = await list().list([record(1, "edge", null)]);
    expect(offline).toMatchObject({ live: false, at: watch.state(1).snapshotAt });
    expect(offline?.containers.map(({ Id }) => Id)).toEqual(["c1", "c2"]);
  });

  it("wait for a slow host no longer than they may, alone or in a crowd", async () => {
    records = Array.from({ length: 50 }, (_, index) => record(index + 1, "socket", `unix://${engine.socketPath}`));
    await start({ checkMs: 60_000 });
    await waitFor(() => watch.state(50).snapshotAt, { what: "all snapshots" });
    engine.fault("GET /containers/json", { kind: "stall" });
    const [slow] = await list({ timeoutMs: 50 }).list(records.slice(0, 1));
    expect(slow).toMatchObject({ live: false, error: expect.stringContaining("within 0.05 s") as string });
    expect(slow?.containers).toHaveLength(2);
    const begun = Date.now();
    const crowd = await list({ timeoutMs: 60_000, deadlineMs: 200 }).list(records);
    expect(Date.now() - begun).toBeLessThan(20_000);
    expect(crowd.every(({ live, containers }) => !live && containers.length === 2)).toBe(true);
  });

  it("say what an engine answered that is no list", async () => {
    await start();
    connectAgent();
    for (const [body, words] of [
      ["<html>", "not JSON"],
      ["{}", "not a list"],
    ] as const) {
      engine.handle("GET /containers/json", ({ response }) => void response.end(body));
      const one = await list().listOne(record(1, "edge", null));
      expect(one).toMatchObject({ live: false, error: expect.stringContaining(words) as string });
    }
    engine.handle("GET /containers/json", ({ json }) => json(200, [null, 5, {}, { Id: "c9" }]));
    expect((await list().listOne(record(1, "edge", null))).containers).toEqual([{ Id: "c9" }]);
  });
});
