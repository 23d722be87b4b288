import { type FakeEngine, type FakeEvent, startFakeEngine } from "@fairlead/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DialledEngine } from "../engine/dialled-engine.ts";
import type { EnvironmentRecord } from "../environments/record.ts";
import { type Anchor, recoverEvents } from "./recover-events.ts";
import { ANY_ADDRESS } from "../engine/any-address-fixture.ts";

let engine: FakeEngine;
let connection: DialledEngine;

function socketRecord(id: number, socketPath: string): EnvironmentRecord {
  const address = `unix://${socketPath}`;
  return { id, name: `host-${id}`, kind: "socket", labels: {}, address, tls: null, createdAt: 0 };
}

beforeEach(async () => {
  engine = await startFakeEngine();
  connection = new DialledEngine(socketRecord(1, engine.socketPath), ANY_ADDRESS);
});

afterEach(async () => {
  connection.close();
  await engine.stop();
});

/** Seconds ago, as the engine tells times: nanoseconds in a number, whose last digits get lost. */
const ago = (seconds: number): number => (Date.now() - seconds * 1000) * 1e6;

function emit(container: string, action: string, secondsAgo: number, type = "container"): FakeEvent {
  const event = {
    Type: type,
    Action: action,
    Actor: { ID: container, Attributes: { name: container } },
    timeNano: ago(secondsAgo),
  };
  engine.emitEvent(event);
  return event;
}

const anchorAt = (event: FakeEvent): Anchor => ({
  // As it stands on the wire, which is not the number's exact value.
  nanoseconds: BigInt(JSON.stringify(event.timeNano)),
  unit: 1n,
  containerId: event.Actor.ID,
  action: event.Action,
});

describe("recoverEvents", () => {
  it("gives what happened since, and knows it to be all when the last known event is among it", async () => {
    emit("older", "start", 500);
    const known = emit("known", "start", 400);
    emit("network", "connect", 95, "network");
    emit("missed", "create", 90);
    emit("missed", "exec_create: sh", 80);
    emit("missed", "start", 70);
    const { events, gap, anchor } = await recoverEvents(connection, {
      anchor: anchorAt(known),
      followedUntil: Date.now() - 100_000,
    });
    expect(events.map(({ action, containerId }) => `${action} ${containerId}`)).toEqual([
      "start known",
      "create missed",
      "start missed",
    ]);
    expect(gap).toBeUndefined();
    expect(anchor).toMatchObject({ containerId: "missed", action: "start" });
    expect(engine.requests.filter(({ url }) => url.includes("/events"))).toHaveLength(1);
  });

  it("finds it also when it was told to the millisecond or second only", async () => {
    const known = anchorAt(emit("known", "start", 400.1234567));
    for (const unit of [1_000n, 1_000_000n, 1_000_000_000n]) {
      const anchor = { ...known, unit, nanoseconds: known.nanoseconds - (known.nanoseconds % unit) };
      const { events, gap } = await recoverEvents(connection, { anchor, followedUntil: Date.now() - 399_000 });
      expect(events).toHaveLength(1);
      expect(gap).toBeUndefined();
    }
  });

  it("knows it to be all when the engine's memory reaches back before the absence", async () => {
    emit("image", "pull", 150, "image");
    emit("missed", "start", 50);
    const lost: Anchor = { nanoseconds: BigInt(ago(900)), unit: 1n, containerId: "pushed-out", action: "start" };
    const { events, gap } = await recoverEvents(connection, { anchor: lost, followedUntil: Date.now() - 100_000 });
    expect(events).toHaveLength(1);
    expect(gap).toBeUndefined();
  });

  it("tells of a gap when more happened than the engine keeps", async () => {
    for (let count = 0; count < 256; count += 1) emit(`c${count}`, "exec_start: true", 60 - count / 10);
    const followedUntil = Date.now() - 100_000;
    const { events, gap } = await recoverEvents(connection, { followedUntil });
    expect(events).toEqual([]);
    expect(gap).toMatchObject({ from: followedUntil, reason: expect.stringContaining("256") as string });
    expect(gap?.to).toBeGreaterThan(Date.now() - 65_000);
    expect(gap?.to).toBeLessThan(Date.now() - 50_000);
  });

  it("tells of a gap when the engine was restarted and forgot the last known event", async () => {
    const lost: Anchor = { nanoseconds: BigInt(ago(900)), unit: 1n, containerId: "forgotten", action: "start" };
    emit("new", "start", 20);
    const followedUntil = Date.now() - 100_000;
    const { events, gap } = await recoverEvents(connection, { anchor: lost, followedUntil });
    expect(events).toHaveLength(1);
    expect(gap).toMatchObject({ from: followedUntil, reason: expect.stringContaining("restarted") as string });
  });

  it("tells of none when nothing ever happened", async () => {
    expect(await recoverEvents(connection, { followedUntil: Date.now() - 100_000 })).toEqual({ events: [] });
  });

  it("reckons with an engine whose clock is an hour ahead", async () => {
    const there = (secondsAgo: number): number => Date.now() + 3600_000 - secondsAgo * 1000;
    engine.handle("GET /_ping", ({ response }) => {
      response.writeHead(200, { date: new Date(there(0)).toUTCString() }).end("OK");
    });
    const told = [there(150), there(50)].map((at, index) => ({
      Type: "container",
      Action: "start",
      Actor: { ID: index === 0 ? "before" : "missed" },
      timeNano: at * 1e6,
    }));
    engine.handle("GET /events", ({ query, response }) => {
      const [since, until] = [Number(query.get("since")), Number(query.get("until"))];
      expect(until * 1000).toBeLessThanOrEqual(there(0));
      const inRange = told.filter(({ timeNano }) => timeNano / 1e9 >= since && timeNano / 1e9 <= until);
      response.end(inRange.map((event) => `${JSON.stringify(event)}\n`).join(""));
    });
    const { events, gap } = await recoverEvents(connection, { followedUntil: Date.now() - 100_000 });
    expect(events.map(({ containerId }) => containerId)).toEqual(["missed"]);
    expect(gap).toBeUndefined();
  });

  it("finds the last known event also within the second that is not over, and ignores one from the future", async () => {
    const known = emit("known", "start", 0);
    const start = { anchor: anchorAt(known), followedUntil: Date.now() };
    expect((await recoverEvents(connection, start)).gap).toBeUndefined();
    const ahead = { anchor: { ...anchorAt(known), nanoseconds: BigInt(ago(-600)) }, followedUntil: Date.now() };
    const before = Date.now();
    expect((await recoverEvents(connection, ahead)).gap).toBeUndefined();
    expect(Date.now() - before).toBeLessThan(20_000);
  });

  it("throws when the engine does not answer as it should", async () => {
    engine.fault("GET /events", { kind: "status", status: 500 }, 1);
    await expect(recoverEvents(connection, { followedUntil: 0 })).rejects.toMatchObject({ code: "engine_error" });
    engine.fault("GET /_ping", { kind: "status", status: 503 }, 1);
    await expect(recoverEvents(connection, { followedUntil: 0 })).rejects.toMatchObject({ code: "engine_error" });
  });
});
