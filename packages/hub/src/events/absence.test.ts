import type { CreatedEnvironment, EventItem, EventPage } from "@fairlead/protocol/rest";
import { type FakeEngine, startFakeEngine, startLegacyAgent, type TempDir, tempDir, waitFor } from "@fairlead/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type RunningHub, startHub } from "../main.ts";

const TOKEN = "token-of-the-absence-tests";
const CONTAINERS = 200;
let folder: TempDir;
let engine: FakeEngine;
let hub: RunningHub | undefined;

beforeEach(async () => {
  folder = await tempDir();
  engine = await startFakeEngine();
});

afterEach(async () => {
  await hub?.stop();
  await engine.stop();
  await folder.stop();
});

async function start(port = 0): Promise<RunningHub> {
  const where = { host: "127.0.0.1", port, dataDir: folder.path };
  hub = await startHub({ ...where, logLevel: "silent", bootstrapToken: TOKEN, print: () => {} });
  return hub;
}

async function call<T>(path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${hub?.url}/api/v1${path}`, {
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  expect(answer.ok).toBe(true);
  return (await answer.json()) as T;
}

const create = (from: number, to: number): void => {
  for (let number = from; number < to; number += 1) {
    // Later than the one before by what a number of JavaScript can tell apart at this size, and not near a whole millisecond,
    // since the agent of these tests reckons with such numbers.
    const timeNano = Date.now() * 1e6 + 300_000 + number * 1_024;
    engine.emitEvent({ Action: "create", Actor: { ID: `c${number}`, Attributes: { name: `n${number}` } }, timeNano });
  }
};

async function history(environment: string): Promise<EventItem[]> {
  return (await call<EventPage>(`/environments/${environment}/events?limit=1000`)).items;
}

async function waitForAll(environment: string, count: number): Promise<void> {
  await waitFor(async () => (await history(environment)).length >= count, {
    what: `${count} events of ${environment}`,
  });
  const names = (await history(environment)).map((item) =>
    item.kind === "gap" ? item.reason : item.event.containerId,
  );
  expect(names).toEqual(Array.from({ length: count }, (_, number) => `c${number}`));
}

describe("events while the hub is away", () => {
  it("are in the history once, in order, without a gap, of a deployed agent and of a dialled engine", async () => {
    const first = await start();
    const { agentToken = "" } = await call<CreatedEnvironment>("/environments", { name: "edge" });
    await call("/environments", { name: "dialled", kind: "socket", address: engine.socketPath });
    const url = `${first.url}/api/hawser/connect`;
    await using agent = await startLegacyAgent({ url, token: agentToken, dockerSocket: engine.socketPath });
    await agent.welcomed();
    await waitFor(() => engine.eventListeners === 2, { what: "both to listen" });
    create(0, 10);
    for (const environment of ["edge", "dialled"]) await waitForAll(environment, 10);
    const seen = await call<{ engine: { state: string } }>("/environments/edge");
    expect(seen.engine.state).not.toBe("down");

    await first.stop();
    await waitFor(() => engine.eventListeners === 0, { what: "nobody to listen" });
    create(10, CONTAINERS);

    await start(first.port);
    await agent.dial();
    await agent.welcomed();
    await waitFor(() => engine.eventListeners === 2, { what: "both to listen again" });
    create(CONTAINERS, CONTAINERS + 5);
    for (const environment of ["edge", "dialled"]) await waitForAll(environment, CONTAINERS + 5);
    const figures = await fetch(`${hub?.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(await figures.text()).toContain(`fairlead_events_total{outcome="gaps"} 0`);
  });
});
