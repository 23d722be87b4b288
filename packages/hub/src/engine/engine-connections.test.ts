import { startFakeEngine } from "@fairlead/testkit";
import { expect, test } from "vitest";
import type { EnvironmentChange, EnvironmentRecord } from "../environments/record.ts";
import type { AgentSession } from "../link/agent-session.ts";
import { EngineConnections } from "./engine-connections.ts";
import { ANY_ADDRESS } from "./any-address-fixture.ts";
import { silentLog } from "../database/database-fixture.ts";

function record(given: Partial<EnvironmentRecord>): EnvironmentRecord {
  return {
    id: 1,
    name: "one",
    kind: "socket",
    labels: {},
    address: "unix:///nosuch",
    tls: null,
    createdAt: 0,
    ...given,
  };
}

async function connectionsOf(records: readonly EnvironmentRecord[]) {
  let tell: (change: EnvironmentChange) => void = () => {};
  const sessions = new Map<number, AgentSession>();
  const connections = new EngineConnections({
    guard: ANY_ADDRESS,
    environments: { list: () => Promise.resolve(records), onChange: (listener) => (tell = listener) },
    sessions,
    log: silentLog,
    lastSeenAt: (id) => (id === 2 ? Date.UTC(2026, 0, 1) : undefined),
  });
  await connections.start();
  return { connections, sessions, tell: (change: EnvironmentChange) => tell(change) };
}

test("a dialled connection is kept until where or how to dial changes, and ends with it", async () => {
  await using engine = await startFakeEngine();
  const address = `unix://${engine.socketPath}`;
  const { connections, tell } = await connectionsOf([record({ address })]);
  const first = connections.for(1);
  const stream = await first.openStream({ method: "GET", path: "/events" });
  tell({ type: "updated", environment: record({ address, name: "renamed", labels: { a: "b" } }) });
  expect(connections.for(1)).toBe(first);
  expect(engine.eventListeners).toBe(1);
  tell({ type: "updated", environment: record({ address: "unix:///elsewhere", name: "renamed" }) });
  expect(connections.for(1)).not.toBe(first);
  await expect(async () => {
    for await (const chunk of stream.body) expect(chunk).toBeDefined();
  }).rejects.toThrow("renamed");
  await expect(connections.for(1).request({ method: "GET", path: "/_ping" })).rejects.toThrow("/elsewhere");
  tell({ type: "removed", environment: record({}) });
  expect(() => connections.for(1)).toThrow(expect.objectContaining({ code: "not_found" }));
});

test("an edge environment's connection is its agent's session, or an error that says since when it is away", async () => {
  const { connections, sessions, tell } = await connectionsOf([
    record({ id: 2, name: "far", kind: "edge", address: null }),
  ]);
  expect(() => connections.for(2)).toThrow(
    expect.objectContaining({
      code: "agent_disconnected",
      message: expect.stringMatching(/far.*since 2026-01-01T.*Start the agent/) as unknown,
    }),
  );
  const session = {} as AgentSession;
  sessions.set(2, session);
  expect(connections.for(2)).toBe(session);
  tell({ type: "created", environment: record({ id: 3, kind: "edge", address: null }) });
  expect(() => connections.for(3)).toThrow(expect.objectContaining({ code: "agent_disconnected" }));
});
