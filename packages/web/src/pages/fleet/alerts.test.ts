import type { Environment, MetricsPoint } from "@fairlead/protocol/rest";
import { describe, expect, test } from "vitest";
import { alertsOf } from "./alerts.ts";
import { anEnvironment, DOWN } from "./environment-fixture.ts";

const point = (metrics: MetricsPoint["metrics"]): MetricsPoint => ({ at: 1, metrics });
const counts = { running: 3, paused: 0, stopped: 1, unhealthy: [] as string[], restarting: [] as string[] };
const told = (environment: Partial<Environment>, more: Partial<Parameters<typeof alertsOf>[0]> = {}) =>
  alertsOf({ environment: anEnvironment(environment), counts, point: undefined, ...more }).map(
    ({ kind, tone, text }) => `${kind} ${tone}: ${text}`,
  );

describe("alerts", () => {
  test("there are none of a host that is well, or that never joined", () => {
    expect(told({}, { point: point({ diskUsed: 84.9, diskTotal: 100, memoryUsed: 94, memoryTotal: 100 }) })).toEqual(
      [],
    );
    expect(told({ link: DOWN, engine: DOWN, agent: null })).toEqual([]);
  });

  test("a host that is away is one alert; its old figures and containers are none", () => {
    const old = { point: point({ diskUsed: 99, diskTotal: 100 }), counts: { ...counts, unhealthy: ["web"] } };
    expect(told({ link: DOWN, engine: { ...DOWN, state: "unknown" } }, old)).toEqual([
      "link bad: Not connected: It is away.",
    ]);
  });

  test("an engine that does not answer leaves the figures of the host", () => {
    const full = { point: point({ diskUsed: 99, diskTotal: 100 }), counts: { ...counts, unhealthy: ["web"] } };
    expect(told({ engine: DOWN }, full)).toEqual([
      "engine bad: Engine does not answer: It is away.",
      "disk bad: Disk 99 % full",
    ]);
  });

  test.each([
    [84.9, undefined],
    [85, "disk warn: Disk 85 % full"],
    [94.9, "disk warn: Disk 95 % full"],
    [95, "disk bad: Disk 95 % full"],
  ])("a disk of %d %%", (diskUsed, expected) => {
    expect(told({}, { point: point({ diskUsed, diskTotal: 100 }) })[0]).toBe(expected);
  });

  test("memory", () => {
    expect(told({}, { point: point({ memoryUsed: 95, memoryTotal: 100 }) })).toEqual([
      "memory bad: Memory 95 % in use",
    ]);
    expect(told({}, { point: point({ memoryUsed: 95 }) })).toEqual([]);
  });

  test("containers are named while they are few; what is worse comes first", () => {
    const disk = point({ diskUsed: 90, diskTotal: 100 });
    const ill = { ...counts, unhealthy: ["web", "db"], restarting: ["a", "b", "c"] };
    expect(told({}, { point: disk, counts: ill })).toEqual([
      "unhealthy bad: web and db unhealthy",
      "disk warn: Disk 90 % full",
      "restarting warn: 3 containers restarting",
    ]);
  });

  test("a second machine with the same token", () => {
    const machine = (agentName: string) => ({
      agentId: agentName,
      agentName,
      hostname: `${agentName}-host`,
      address: null,
    });
    const conflict = { at: "2026-01-01T00:00:00Z", attempts: 2, refused: machine("copy"), connected: machine("attic") };
    expect(told({ conflict })).toEqual(["conflict bad: A second machine uses its token: copy on copy-host"]);
  });

  test("an old agent is none", () => {
    const { agent } = anEnvironment({});
    expect(told({ agent: agent && { ...agent, version: "0.0.1" } })).toEqual([]);
  });
});
