import { type Dockerd, type FakeEngine, startDockerd, startFakeEngine, waitFor } from "@fairlead/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { silentLog as log } from "../database/database-fixture.ts";
import { DialledEngine } from "../engine/dialled-engine.ts";
import { ConcurrencyLimit } from "../watch/concurrency-limit.ts";
import { EngineFollower, type EngineFollowerOptions } from "./engine-follower.ts";
import { type EventFixture, eventFixture } from "./event-fixture.ts";
import { ANY_ADDRESS } from "../engine/any-address-fixture.ts";

let fixture: EventFixture;
let connection: DialledEngine;
let follower: EngineFollower | undefined;

function dial(socketPath: string): void {
  const address = `unix://${socketPath}`;
  connection = new DialledEngine(
    { id: 1, name: "host", kind: "socket", labels: {}, address, tls: null, createdAt: 0 },
    ANY_ADDRESS,
  );
}

function follow(options: Partial<EngineFollowerOptions> = {}): EngineFollower {
  follower = new EngineFollower({
    environmentId: 1,
    connection: () => connection,
    events: fixture.events,
    limit: new ConcurrencyLimit(4),
    log,
    firstPauseMs: 10,
    maxPauseMs: 50,
    ...options,
  });
  return follower;
}

const following = (): Promise<unknown> => waitFor(() => follower?.isFollowing, { what: "the events to be followed" });

async function waitForStored(count: number): Promise<string[]> {
  let stored: string[] = [];
  await waitFor(
    async () => {
      stored = await fixture.stored(1);
      return stored.length >= count;
    },
    { what: () => `${count} events, not ${JSON.stringify(stored)}` },
  );
  return stored;
}

beforeEach(async () => {
  fixture = await eventFixture();
});

afterEach(async () => {
  await follower?.stop();
  follower = undefined;
  connection.close();
  await fixture[Symbol.asyncDispose]();
});

describe("EngineFollower with a fake engine", () => {
  let engine: FakeEngine;

  beforeEach(async () => {
    engine = await startFakeEngine();
    dial(engine.socketPath);
  });
  afterEach(() => engine.stop());

  const emit = (container: string, action = "start"): void =>
    engine.emitEvent({ Action: action, Actor: { ID: container, Attributes: { name: container } } });

  it("stores what is reported, tells of it, and leaves the rest out", async () => {
    const told: number[] = [];
    follow({ onEvent: (id) => void told.push(id) });
    await following();
    emit("c1", "create");
    emit("c1", "exec_create: sh");
    engine.emitRawEvent("this is no event\n");
    engine.emitEvent({ Type: "network", Action: "connect", Actor: { ID: "n1" } });
    emit("c1", "health_status: unhealthy");
    expect(await waitForStored(2)).toEqual(["create c1", "health_status c1"]);
    expect(told).toEqual([1, 1]);
  });

  it("asks for what it missed while the connection was broken, and stores it once", async () => {
    follow();
    await following();
    for (const container of ["c1", "c2"]) emit(container);
    await waitForStored(2);
    await engine.goAway();
    await waitFor(() => !follower?.isFollowing, { what: "the break to be noticed" });
    for (const container of ["c3", "c4", "c5"]) emit(container);
    await engine.listen();
    await waitForStored(5);
    emit("c6");
    expect(await waitForStored(6)).toEqual([1, 2, 3, 4, 5, 6].map((number) => `start c${number}`));
  });

  it("tells of a gap when the engine comes back without its memory", async () => {
    follow();
    await following();
    emit("c1");
    await waitForStored(1);
    await engine.goAway();
    const another = await startFakeEngine();
    connection.close();
    dial(another.socketPath);
    expect(await waitForStored(2)).toEqual(["start c1", "gap"]);
    await following();
    // Once is enough: what the engine does not know any more proves nothing the next time.
    another.cutConnections();
    await waitFor(() => another.requests.filter(({ url }) => url.includes("/events")).length >= 5, {
      what: "two more dials",
    });
    await following();
    expect(await fixture.stored(1)).toEqual(["start c1", "gap"]);
    await another.stop();
  });

  it("goes on where an earlier life of the hub ended", async () => {
    follow();
    await following();
    emit("c1");
    await waitForStored(1);
    await follower?.stop();
    const followedUntil = Date.now();
    emit("c2");
    follow({ followedUntil });
    expect(await waitForStored(2)).toEqual(["start c1", "start c2"]);
  });

  it("keeps trying while the engine refuses, and dials anew when told that it is away or back", async () => {
    engine.fault("GET /_ping", { kind: "status", status: 500 }, 1);
    engine.fault("GET /events", { kind: "status", status: 500 }, 2);
    follow();
    await following();
    follower?.engineUp();
    expect(follower?.isFollowing).toBe(true);
    const before = engine.requestCount;
    follower?.engineDown();
    await waitFor(() => engine.requestCount > before, { what: "the next dial" });
    await following();
    await waitFor(() => engine.eventListeners === 1, { what: "one listener" });
  });

  it("asks anew after a long quiet time, in which the path may have forgotten the connection", async () => {
    follow({ idleMs: 50 });
    await following();
    emit("c1");
    await waitForStored(1);
    const before = engine.requestCount;
    await waitFor(() => engine.requestCount >= before + 3, { what: "another dial" });
    expect(await fixture.stored(1)).toEqual(["start c1"]);
  });

  it("marks an event that is too large to take, and goes on", async () => {
    follow();
    await following();
    engine.emitRawEvent(`${"x".repeat(1024 * 1024 + 10)}\n`);
    emit("c1");
    expect((await waitForStored(2)).toSorted()).toEqual(["gap", "start c1"]);
  });

  it("stops at once, whatever it waits for", async () => {
    engine.fault("GET /events", { kind: "stall" });
    follow({ firstPauseMs: 60_000 });
    await waitFor(() => engine.requests.some(({ url }) => url.includes("/events")), { what: "the question" });
    await follower?.stop();
    engine.clearFaults();
    await waitFor(() => engine.eventListeners === 0, { what: "no listener" });
  });
});

describe("EngineFollower with a real engine", () => {
  let dockerd: Dockerd;

  beforeAll(async () => {
    dockerd = await startDockerd();
    await dockerd.importBusybox();
  });
  afterAll(() => dockerd.stop());

  it("has every event once, in order, over a break of the connection, and a gap over a restart of the engine", async () => {
    dial(dockerd.socketPath);
    follow();
    await following();
    await dockerd.dockerOk(["create", "--name", "one", "busybox", "true"]);
    await waitForStored(1);
    await follower?.stop();
    const followedUntil = Date.now();
    for (const name of ["two", "three", "four"]) await dockerd.dockerOk(["create", "--name", name, "busybox", "true"]);
    await dockerd.dockerOk(["rm", "one"]);
    follow({ followedUntil });
    await following();
    await dockerd.dockerOk(["rm", "two"]);
    await waitForStored(6);
    const { items } = await fixture.events.page({ order: "asc", limit: 100 });
    const seen = items.map((item) =>
      item.kind === "event" ? `${item.event.action} ${item.event.containerName}` : "gap",
    );
    expect(seen).toEqual(["create one", "create two", "create three", "create four", "destroy one", "destroy two"]);
    const [first] = items;
    expect(first?.kind === "event" && first.event.timestamp).toMatch(/\.\d{9}Z$/);
    await dockerd.restart("SIGKILL");
    expect((await waitForStored(7)).at(-1)).toBe("gap");
    await following();
    await dockerd.dockerOk(["rm", "three"]);
    expect(await waitForStored(8)).toHaveLength(8);
  });
});
