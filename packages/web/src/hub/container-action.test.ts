import type { ContainerSummary } from "@fairlead/protocol/rest";
import { expect, test } from "vitest";
import { applyAction, type ContainerEvent } from "./container-action.ts";

const web: ContainerSummary = {
  Id: "a".repeat(64),
  Names: ["/web"],
  Image: "nginx",
  ImageID: "sha256:0",
  Command: "nginx",
  Created: 0,
  State: "running",
  Status: "Up 3 hours (healthy)",
  Ports: [],
  Labels: {},
};
const event = (action: string, attributes?: Record<string, string>): ContainerEvent => ({
  containerId: web.Id,
  action,
  timestamp: "2026-01-01T00:00:00Z",
  ...(attributes && { actorAttributes: attributes }),
});
const paused = { ...web, State: "paused", Status: "Up 3 hours (healthy) (Paused)" };
const exited = { ...web, State: "exited", Status: "Exited (0) 2 days ago" };

test.each<[string, ContainerSummary, ContainerEvent, string, string]>([
  ["start", exited, event("start"), "running", "Up Less than a second"],
  ["restart of one at rest", exited, event("restart"), "running", "Up Less than a second"],
  ["pause", web, event("pause"), "paused", paused.Status],
  ["pause told twice", paused, event("pause"), "paused", paused.Status],
  ["unpause", paused, event("unpause"), "running", web.Status],
  ["die", web, event("die", { exitCode: "3" }), "exited", "Exited (3) Less than a second ago"],
  ["die without a code", web, event("die"), "exited", "Exited (?) Less than a second ago"],
  ["health in the action", web, event("health_status: unhealthy"), "running", "Up 3 hours (unhealthy)"],
  [
    "health in the attributes",
    { ...web, Status: "Up 2 seconds (health: starting)" },
    event("health_status", { healthStatus: "healthy" }),
    "running",
    "Up 2 seconds (healthy)",
  ],
])("%s", (_what, before, given, State, Status) => {
  expect(applyAction(before, given)).toEqual({ ...before, State, Status });
});

test.each(["kill", "stop", "create", "update", "oom", "exec_start: sh", "health_status", "something new", "restart"])(
  "%s changes nothing of what the list holds",
  (action) => expect(applyAction(web, event(action))).toBe(web),
);

test("the health of one that is at rest is no news", () => {
  expect(applyAction(exited, event("health_status: unhealthy"))).toBe(exited);
});

test("a container that is removed is gone", () => expect(applyAction(web, event("destroy"))).toBe("gone"));

test("a name comes with or without its slash, or not at all", () => {
  expect(applyAction(web, event("rename", { name: "/shop" }))).toMatchObject({ Names: ["/shop"] });
  expect(applyAction(web, { ...event("rename"), containerName: "shop" })).toMatchObject({ Names: ["/shop"] });
  expect(applyAction(web, event("rename"))).toBe(web);
});
