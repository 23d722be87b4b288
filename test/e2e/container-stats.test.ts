import type { ContainerRef, ContainerSample, ContainerStatsControl, Environment } from "@fairlead/protocol/rest";
import { waitFor } from "@fairlead/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectKind, kinds } from "./environment-kinds.ts";
import { Stage } from "./stage.ts";

// Live figures of containers of a real engine, by every way to it.
const LEGACY = "legacy";
const all = [...kinds, LEGACY];
let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
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
