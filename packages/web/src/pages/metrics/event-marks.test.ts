import type { EventItem } from "@fairlead/protocol/rest";
import { expect, test } from "vitest";
import { eventMarks, MAX_MARKS } from "./event-marks.ts";

const event = (action: string, actorAttributes: Record<string, string> = {}): EventItem => ({
  id: 1,
  kind: "event",
  environmentId: 7,
  event: {
    containerId: "0123456789abcdef",
    containerName: "web",
    action,
    actorAttributes,
    timestamp: "2026-01-01T00:00:00.5Z",
  },
});
const gap: EventItem = {
  id: 2,
  kind: "gap",
  environmentId: 7,
  from: null,
  to: "2026-01-01T00:00:00Z",
  reason: "The agent was away.",
};

test("marks say what happened to which container, and mean something", () => {
  expect(eventMarks([event("die", { exitCode: "3" })], () => "attic")).toEqual([
    { at: 1_767_225_600.5, tone: "bad", title: "web: die, exit code 3 on attic" },
  ]);
  const tones = ["oom", "start", "restart", "health_status: unhealthy", "health_status: healthy"];
  expect(eventMarks(tones.map((action) => event(action))).map(({ tone }) => tone)).toEqual([
    "bad",
    "good",
    "warn",
    "bad",
    "good",
  ]);
  expect(eventMarks([event("die", { exitCode: "137" })])[0]?.tone).toBe("idle");
  expect(eventMarks([gap])[0]).toMatchObject({
    at: 1_767_225_600,
    title: expect.stringContaining("The agent was away."),
  });
});

test("there are not more than a chart can show", () => {
  expect(eventMarks(Array.from({ length: 500 }, () => event("die")))).toHaveLength(MAX_MARKS);
});
