import type { ContainerEvent } from "@fairlead/protocol";
import { describe, expect, it } from "vitest";
import { DROPPED_ATTRIBUTES, MAX_ATTRIBUTES_CHARACTERS, newEvent } from "./new-event.ts";

const NOW = Date.parse("2025-12-27T06:30:00Z");
const event: ContainerEvent = {
  containerId: "c1",
  containerName: "web",
  image: "busybox",
  action: "start",
  actorAttributes: { a: "1", b: "2" },
  timestamp: "2025-12-27T06:21:25.123456789Z",
};
const identity = (changes: Partial<ContainerEvent> = {}): string => newEvent(1, { ...event, ...changes }, NOW).identity;

describe("newEvent", () => {
  it("makes a row of an event", () => {
    const row = newEvent(7, event, NOW);
    expect(row).toMatchObject({
      environment_id: 7,
      kind: "event",
      at: 1766816485123,
      container_id: "c1",
      container_name: "web",
      action: "start",
    });
    expect(JSON.parse(row.body)).toEqual(event);
  });

  it("tells the same event by its exact time, container and action, however the sender writes it", () => {
    expect(identity({ timestamp: "2025-12-27T07:21:25.123456789+01:00" })).toBe(identity());
    expect(identity({ actorAttributes: {} })).toBe(identity());
    expect(identity({ timestamp: "2025-12-27T06:21:25.123456788Z" })).not.toBe(identity());
    expect(identity({ containerId: "c2" })).not.toBe(identity());
    expect(identity({ action: "stop" })).not.toBe(identity());
  });

  it("takes the attributes in, in any order, where the time is coarse", () => {
    const timestamp = "2025-12-27T06:21:25Z";
    const one = identity({ timestamp });
    expect(identity({ timestamp, actorAttributes: { b: "2", a: "1" } })).toBe(one);
    expect(identity({ timestamp: "2025-12-27T06:21:25.000Z" })).toBe(one);
    expect(identity({ timestamp, actorAttributes: { a: "1", b: "3" } })).not.toBe(one);
  });

  it("gives an event without a readable or possible time the time of its arrival", () => {
    expect(newEvent(1, { ...event, timestamp: "soon" }, NOW).at).toBe(NOW);
    expect(newEvent(1, { ...event, timestamp: "2099-01-01T00:00:00Z" }, NOW).at).toBe(NOW);
    expect(newEvent(1, { ...event, timestamp: "2025-12-27T07:00:00Z" }, NOW).at).toBe(
      Date.parse("2025-12-27T07:00:00Z"),
    );
  });

  it("finds health events by their action alone", () => {
    expect(newEvent(1, { ...event, action: "health_status: healthy" }, NOW).action).toBe("health_status");
  });

  it("keeps the short attributes of an event that is too large, and says how many it left out", () => {
    const actorAttributes = { exitCode: "1", poem: "x".repeat(MAX_ATTRIBUTES_CHARACTERS), signal: "9" };
    const body = JSON.parse(newEvent(1, { ...event, actorAttributes }, NOW).body) as ContainerEvent;
    expect(body.actorAttributes).toEqual({ exitCode: "1", signal: "9", [DROPPED_ATTRIBUTES]: "1" });
  });
});
