import { FairleadError } from "@fairlead/protocol";
import { type FakeEngine, startFakeEngine, waitFor } from "@fairlead/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLog as log } from "../database/database-fixture.ts";
import { DialledEngine } from "../engine/dialled-engine.ts";
import type { AgentSession } from "../link/agent-session.ts";
import { ConcurrencyLimit } from "../watch/concurrency-limit.ts";
import { sessionFixture } from "../watch/session-fixture.ts";
import { EdgeRecovery } from "./edge-recovery.ts";
import { type EventFixture, eventFixture } from "./event-fixture.ts";
import { formatNanoseconds } from "./event-time.ts";
import { ANY_ADDRESS } from "../engine/any-address-fixture.ts";

let fixture: EventFixture;
let engine: FakeEngine;
let connection: DialledEngine;
let recovery: EdgeRecovery;
let session: AgentSession | undefined;

beforeEach(async () => {
  fixture = await eventFixture();
  engine = await startFakeEngine();
  const address = `unix://${engine.socketPath}`;
  connection = new DialledEngine(
    { id: 1, name: "host", kind: "socket", labels: {}, address, tls: null, createdAt: 0 },
    ANY_ADDRESS,
  );
  session = undefined;
  recovery = new EdgeRecovery({
    events: fixture.events,
    session: () => session,
    limit: new ConcurrencyLimit(2),
    log,
    delayMs: 5,
  });
});

afterEach(async () => {
  recovery.stop();
  connection.close();
  await engine.stop();
  await fixture[Symbol.asyncDispose]();
});

/** Happens at the engine; told by the agent when it is connected. */
function happen(container: string, secondsAgo: number): void {
  // With digits beyond the millisecond, as engines tell times.
  const timeNano = (Date.now() - secondsAgo * 1000) * 1e6 + 123_456;
  engine.emitEvent({ Action: "start", Actor: { ID: container, Attributes: { name: container } }, timeNano });
  const timestamp = formatNanoseconds(BigInt(JSON.stringify(timeNano)));
  if (session) fixture.events.ingest(1, { containerId: container, action: "start", timestamp });
}

async function waitForStored(expected: string[]): Promise<void> {
  let stored: string[] = [];
  await waitFor(
    async () => {
      stored = await fixture.stored(1);
      return JSON.stringify(stored) === JSON.stringify(expected);
    },
    { what: () => `${JSON.stringify(expected)}, not ${JSON.stringify(stored)}` },
  );
}

const connect = (version = "0.2.40"): void => {
  session = sessionFixture(1, connection, { version });
  recovery.back(1);
};
const lose = async (secondsAgo: number): Promise<void> => {
  session = undefined;
  await recovery.lost(1, Date.now() - secondsAgo * 1000);
};
const eventQuestions = (): number => engine.requests.filter(({ url }) => url.includes("/events")).length;

describe("EdgeRecovery", () => {
  it("asks nothing of an agent that comes for the first time", async () => {
    happen("c1", 60);
    connect();
    // The next absence is asked about, so the first would have been.
    await recovery.lost(1, Date.now() - 50_000);
    recovery.back(1);
    await waitFor(() => eventQuestions() > 0, { what: "a question" });
    expect(engine.requests.filter(({ url }) => url === "/_ping")).toHaveLength(1);
  });

  it("fills in what happened while a deployed agent was away, without a gap, and not what it told before", async () => {
    connect();
    happen("c1", 100);
    await lose(90);
    happen("c2", 80);
    happen("c3", 70);
    connect();
    happen("c4", 1);
    await waitForStored(["start c1", "start c2", "start c3", "start c4"]);
    expect(fixture.events.stats).toMatchObject({ gaps: 0 });
  });

  it("judges by the last event before the absence, not by one that came after it", async () => {
    connect();
    happen("c1", 100);
    await lose(90);
    await engine.stop();
    engine = await startFakeEngine();
    connection.close();
    const address = `unix://${engine.socketPath}`;
    connection = new DialledEngine(
      {
        id: 1,
        name: "host",
        kind: "socket",
        labels: {},
        address,
        tls: null,
        createdAt: 0,
      },
      ANY_ADDRESS,
    );
    connect();
    happen("c2", 1);
    await waitFor(async () => (await fixture.stored(1)).includes("gap"), { what: "a gap" });
    expect((await fixture.stored(1)).toSorted()).toEqual(["gap", "start c1", "start c2"]);
  });

  it("waits with an agent whose engine is away, and asks when it is back", async () => {
    connect();
    happen("c1", 100);
    await lose(90);
    happen("c2", 80);
    await engine.goAway();
    connect();
    await expect(session?.request({ method: "GET", path: "/_ping" })).rejects.toThrow("cannot connect");
    await engine.listen();
    recovery.back(1);
    await waitForStored(["start c1", "start c2"]);
  });

  it("gives up a question that always fails: a gap for a deployed agent, none for one that replays by itself", async () => {
    engine.fault("GET /events", { kind: "status", status: 500 });
    for (const [version, gaps] of [
      ["fairlead/0.1.0", 0],
      ["0.2.40", 1],
    ] as const) {
      await lose(50);
      const before = eventQuestions();
      connect(version);
      await waitFor(() => eventQuestions() === before + 3, { what: "three questions" });
      await waitFor(async () => (await fixture.stored(1)).length === gaps, { what: `${gaps} gaps` });
    }
    const { items } = await fixture.events.page({ order: "asc", limit: 10 });
    expect(items).toMatchObject([{ kind: "gap", reason: expect.stringContaining("cannot be asked") as string }]);
  });

  it("asks the session of now, and over the whole of two absences in a row", async () => {
    connect();
    happen("c1", 100);
    await lose(90);
    happen("c2", 80);
    session = {
      ...sessionFixture(1, connection),
      request: () => {
        // This one is gone in the midst of the question.
        session = undefined;
        void recovery.lost(1, Date.now() - 40_000);
        return Promise.reject(new FairleadError("agent_disconnected", "gone"));
      },
    };
    recovery.back(1);
    await waitFor(() => session === undefined, { what: "the first question" });
    happen("c3", 30);
    connect();
    await waitForStored(["start c1", "start c2", "start c3"]);
  });

  it("forgets environments that are removed", async () => {
    await lose(50);
    connect();
    recovery.removed(1);
    recovery.back(1);
    await lose(40);
    connect();
    await waitFor(() => eventQuestions() > 0, { what: "one question" });
    expect(engine.requests.filter(({ url }) => url === "/_ping")).toHaveLength(1);
  });
});
