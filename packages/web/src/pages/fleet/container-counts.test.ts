import { expect, test } from "vitest";
import type { ContainerRow, ListAge } from "../../hub/containers.ts";
import { countContainers, countsOfEngine } from "./container-counts.ts";
import { anEnvironment } from "./environment-fixture.ts";

const age = (environmentId: number, at: string | null, live = false): [number, ListAge] => [
  environmentId,
  { environmentId, environmentName: `h${environmentId}`, live, at, error: null },
];
const container = (environmentId: number, name: string, State: string, Status = "") =>
  ({ environmentId, name, container: { State, Status } }) as ContainerRow;

test("each container is counted once, and those that ail are named", () => {
  const rows = [
    container(1, "web", "running", "Up 3 minutes (healthy)"),
    container(1, "db", "running", "Up 3 minutes (unhealthy)"),
    container(1, "p", "paused", "Up 3 minutes (Paused)"),
    container(1, "r", "restarting"),
    container(1, "e", "exited"),
    container(1, "c", "created"),
    container(9, "of a host that is gone", "running"),
  ];
  const counts = countContainers({ rows, ages: new Map([age(1, "2026-01-01"), age(2, null, true), age(3, null)]) });
  expect(counts.get(1)).toEqual({ running: 2, paused: 1, stopped: 2, unhealthy: ["db"], restarting: ["r"] });
  expect(counts.get(2)?.running).toBe(0);
  // Never reached: nothing is known of it.
  expect([...counts.keys()]).toEqual([1, 2]);
});

test("without a list the engine's counts stand in", () => {
  expect(countsOfEngine(anEnvironment({}))).toBeUndefined();
  const containers = { total: 6, running: 3, paused: 1, stopped: 2 };
  const engineInfo = {
    version: "1",
    apiVersion: "1",
    os: "",
    arch: "",
    cpus: 1,
    memoryBytes: 1,
    images: 0,
    containers,
  };
  expect(countsOfEngine(anEnvironment({ engineInfo }))).toMatchObject({ running: 3, paused: 1, stopped: 2 });
});
