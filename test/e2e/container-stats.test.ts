import type {
  ContainerMetricsSeries,
  ContainerRef,
  ContainerSample,
  ContainerStatsControl,
  Environment,
} from "@fairlead/protocol/rest";
import { waitFor } from "@fairlead/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectKind, kinds } from "./environment-kinds.ts";
import { Stage } from "./stage.ts";

// Live figures of containers of a real engine, and their history, by every way to it.
const LEGACY = "legacy";
const all = [...kinds, LEGACY];
let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open({ hub: { env: { FAIRLEAD_CONTAINER_METRICS_INTERVAL: "10" } } });
  for (const kind of kinds) await connectKind(stage, kind);
  await stage.addEdge(LEGACY, { FAIRLEAD_STREAMS: "off" });
});
afterAll(() => stage[Symbol.asyncDispose]());

test("a container that works and ends is seen by all kinds of environments", async () => {
  const { engine, hub } = stage;
  // Short naps, so that whoever shares the machine gets on.
  const program = "while :; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 0.1; done";
  const id = await engine.dockerOk(["run", "-d", "-m", "64m", "--name", "busy", "busybox", "sh", "-c", program]);
  const containers: ContainerRef[] = [];
  for (const kind of all) {
    const { id: environmentId } = await stage.api<Environment>("GET", `/environments/${kind}`);
    containers.push({ environmentId, id });
  }
  const samples = new Map<number, ContainerSample[]>();
  const gone = new Set<number>();
  const socket = new WebSocket(`${hub.url.replace("http", "ws")}/api/v1/container-stats?access_token=${hub.token}`);
  socket.addEventListener("open", () => socket.send(JSON.stringify({ type: "watch", containers })));
  socket.addEventListener("message", ({ data }: { data: string }) => {
    const message = JSON.parse(data) as ContainerStatsControl;
    if (message.type === "gone") for (const { environmentId } of message.containers) gone.add(environmentId);
    if (message.type !== "samples") return;
    for (const sample of message.samples) {
      samples.set(sample.environmentId, [...(samples.get(sample.environmentId) ?? []), sample]);
    }
  });
  for (const { environmentId } of containers) {
    await waitFor(() => (samples.get(environmentId)?.length ?? 0) >= 3, { what: `samples of ${environmentId}` });
    const [first, ...others] = samples.get(environmentId) ?? [];
    expect(first).not.toHaveProperty("cpuPercent");
    for (const { cpuPercent, memoryBytes, memoryLimitBytes, pids, at } of others) {
      expect(cpuPercent).toBeGreaterThan(0);
      expect(memoryBytes).toBeGreaterThan(0);
      expect(memoryLimitBytes).toBe(64 * 1024 * 1024);
      expect(pids).toBeGreaterThan(0);
      expect(Date.parse(at)).toBeLessThanOrEqual(Date.now());
    }
  }
  await engine.dockerOk(["rm", "-f", "busy"]);
  await waitFor(() => gone.size === containers.length, { what: () => `gone by all, not ${[...gone].join()}` });
  socket.close();
});

test("their history is kept, also by name, and beyond their end and the hub's", async () => {
  const { engine, hub } = stage;
  const id = await engine.dockerOk(["run", "-d", "-m", "64m", "--name", "kept", "busybox", "sleep", "10000"]);
  const series = (kind: string, container: string) =>
    stage.api<ContainerMetricsSeries>("GET", `/environments/${kind}/containers/${container}/metrics`);
  for (const kind of all) {
    const { points, resolution } = await waitFor(
      async () => {
        // Not yet known to the hub, at first.
        const found = await series(kind, "kept").catch(() => undefined);
        return found && found.points.length >= 2 ? found : undefined;
      },
      { what: `two points of ${kind}` },
    );
    expect(resolution).toBe("full");
    expect(points[1]?.metrics).toMatchObject({ memoryLimitBytes: 64 * 1024 * 1024, pids: 1 });
    expect(points[1]?.metrics.cpuPercent).toBeGreaterThanOrEqual(0);
  }
  await engine.dockerOk(["rm", "-f", "kept"]);
  await hub.restart();
  for (const kind of all) {
    await stage.online(kind);
    expect((await series(kind, id)).points.length).toBeGreaterThanOrEqual(2);
  }
  await expect(series("socket", "nosuch")).rejects.toThrow("404");
});
