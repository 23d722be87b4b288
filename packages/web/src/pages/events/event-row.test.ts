import type { EventItem } from "@fairlead/protocol/rest";
import { describe, expect, test } from "vitest";
import { matchesFilter, parseFilter } from "../../filter/filter.ts";
import { describeEvent, EVENT_FIELDS, eventRow, eventSubject, toneOfEvent } from "./event-row.ts";

const event = (action: string, actorAttributes: Record<string, string> = {}): EventItem => ({
  id: 3,
  kind: "event",
  environmentId: 7,
  event: {
    containerId: "0123456789abcdef",
    containerName: "web",
    image: "nginx:1.27",
    action,
    actorAttributes: { "com.docker.compose.project": "shop", tier: "front", ...actorAttributes },
    timestamp: "2026-01-01T00:00:00.123456789Z",
  },
});
const gap: EventItem = {
  id: 4,
  kind: "gap",
  environmentId: 7,
  from: null,
  to: "2026-01-01T00:00:00Z",
  reason: "away",
};

test("a row has the time of its event, or the end of its gap", () => {
  expect(eventRow(event("die")).at).toBe(1_767_225_600_123);
  expect(eventRow(gap)).toMatchObject({ id: 4, at: 1_767_225_600_000 });
});

describe("the filter", () => {
  const matches = (text: string, item: EventItem): boolean => {
    const subject = eventSubject(eventRow(item), "attic");
    return subject !== undefined && matchesFilter(parseFilter(text, EVENT_FIELDS), subject);
  };

  test.each([
    ["action:die", true],
    ["action:start,die", true],
    ["-action:die", false],
    ["host:att*", true],
    ["host:cellar", false],
    ["container:web image:nginx*", true],
    ["container:0123456789ab", true],
    ["stack:shop", true],
    ["label:tier", true],
    ["label:tier=front", true],
    ["label:tier=back", false],
    ["exit code 3", true],
    ["attic", true],
  ])("%s: %s", (text, expected) => expect(matches(text, event("die", { exitCode: "3" }))).toBe(expected));

  test("takes an action without its outcome, or with it", () => {
    const item = event("health_status: unhealthy");
    expect(matches("action:health_status", item)).toBe(true);
    expect(matches("action:*unhealthy", item)).toBe(true);
  });
});

test("what more there is to say", () => {
  expect(describeEvent(event("die", { exitCode: "137" }))).toBe("exit code 137");
  expect(describeEvent(event("kill", { signal: "15" }))).toBe("SIGTERM");
  expect(describeEvent(event("kill", { signal: "40" }))).toBe("signal 40");
  expect(describeEvent(event("rename", { oldName: "/old" }))).toBe("was old");
  expect(describeEvent(event("health_status: healthy"))).toBe("healthy");
  expect(describeEvent(event("health_status", { healthStatus: "unhealthy" }))).toBe("unhealthy");
  expect(describeEvent(event("start"))).toBe("");
  expect(describeEvent(gap)).toBe("away");
});

test.each([
  [event("die", { exitCode: "3" }), "bad"],
  [event("die", { exitCode: "137" }), "idle"],
  [event("oom"), "bad"],
  [event("health_status: unhealthy"), "bad"],
  [event("start"), "good"],
  [event("kill"), "warn"],
  [event("create"), "idle"],
  [gap, "warn"],
] as const)("%# means %s", (item, tone) => expect(toneOfEvent(item)).toBe(tone));
