import { createHash } from "node:crypto";
import { tempDir, waitFor } from "@fairlead/testkit";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../database/open.ts";
import type { Database } from "../database/schema.ts";
import type { AgentIdentity, AgentSession } from "../link/agent-session.ts";
import { joinLink, type LinkUnderTest, RawAgent, startLink } from "../link/link-under-test.ts";
import { AgentService } from "./service.ts";
import { AgentStore } from "./store.ts";
import { silentLog } from "../database/database-fixture.ts";

/** A service over a real database with environments 1 (edge), 2 (edge) and 3 (standard), and a link that uses it. */
class AgentsUnderTest implements AsyncDisposable {
  readonly db: Database;
  readonly agents: AgentService;
  readonly link: LinkUnderTest;
  readonly #stops: (() => Promise<unknown>)[];

  constructor(db: Database, agents: AgentService, link: LinkUnderTest, stops: (() => Promise<unknown>)[]) {
    this.db = db;
    this.agents = agents;
    this.link = link;
    this.#stops = stops;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stop of this.#stops) await stop();
  }
}

async function start(path?: string): Promise<AgentsUnderTest> {
  const dir = path === undefined ? await tempDir() : undefined;
  const { db, close } = await openDatabase(path ?? dir?.path ?? "");
  if (path === undefined || (await db.selectFrom("environments").select("id").execute()).length === 0) {
    await addEnvironments(db);
  }
  const agents = new AgentService(new AgentStore(db), silentLog);
  const link = await startLink(
    { probeTimeoutMs: 100 },
    {
      authenticator: agents,
      listener: {
        connected: (session) => agents.connected(session),
        disconnected: (session) => agents.disconnected(session),
        conflict: (environmentId, refused, connected) => agents.conflict(environmentId, refused, connected),
        containerEvent: () => {},
        metrics: () => {},
        latency: () => {},
      },
    },
  );
  await agents.start(link.link);
  const stops = [() => link[Symbol.asyncDispose](), () => agents.stop(), close, async () => dir?.stop()];
  return new AgentsUnderTest(db, agents, link, stops);
}

async function addEnvironments(db: Database): Promise<void> {
  const rest = { labels: "{}", address: null, tls: null, sealed_secrets: null, created_at: 1 };
  await db
    .insertInto("environments")
    .values([
      { id: 1, name: "one", kind: "edge", ...rest },
      { id: 2, name: "two", kind: "edge", ...rest },
      { id: 3, name: "three", kind: "standard", ...rest },
    ])
    .execute();
}

function identity(agentId: string): AgentIdentity {
  return {
    agentId,
    agentName: `name of ${agentId}`,
    hostname: "host",
    version: "1",
    protocol: "1.0",
    dockerVersion: "26.1",
    capabilities: ["exec"],
    address: "192.0.2.1",
  };
}

async function refused(url: string, hello: Record<string, unknown>): Promise<unknown> {
  const agent = new RawAgent(url);
  await agent.opened();
  agent.send(agent.hello(hello));
  return (await agent.message("error"))["code"];
}

describe("agent tokens", () => {
  it("are 256 random bits, kept as their hash alone", async () => {
    await using test = await start();
    const token = await test.agents.issueToken(1);
    expect(token).toMatch(/^fla_[A-Za-z0-9_-]{43}$/);
    const rows = await test.db.selectFrom("agent_tokens").selectAll().execute();
    expect(rows).toHaveLength(1);
    expect(rows[0]?.hash).toBe(createHash("sha256").update(token).digest("hex"));
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(await test.agents.issueToken(2)).not.toBe(token);
  });

  it("let in the environment they were issued for", async () => {
    await using test = await start();
    const token = await test.agents.issueToken(2);
    expect(await test.agents.authenticate(token)).toMatchObject({ environmentId: 2, environmentName: "two" });
    expect(await test.agents.authenticate("fla_unknown")).toBe("unknown");
    expect(await test.agents.authenticate(await test.agents.issueToken(3))).toBe("unknown");
    const agent = await joinLink(test.link.url, { token });
    expect(agent.came[0]).toMatchObject({ type: "welcome", environmentId: 2 });
  });

  it("end at once when revoked, and their connection with them", async () => {
    await using test = await start();
    const token = await test.agents.issueToken(1);
    const agent = await joinLink(test.link.url, { token });
    await test.agents.revokeToken(1);
    expect(await agent.message("error")).toMatchObject({ code: "token_revoked" });
    expect(await agent.ended()).toMatchObject({ code: 1000 });
    expect(await refused(test.link.url, { token })).toBe("token_revoked");
    expect((await test.agents.view(1)).agentToken?.revokedAt).toEqual(expect.any(String));
    const { token: next } = await test.agents.rotateToken(1, 0);
    await joinLink(test.link.url, { token: next });
    expect((await test.agents.view(1)).agentToken?.revokedAt).toBeNull();
  });

  it("end at once when rotated without an overlap", async () => {
    await using test = await start();
    const old = await test.agents.issueToken(1);
    const agent = await joinLink(test.link.url, { token: old });
    const { token, previousValidUntil } = await test.agents.rotateToken(1, 0);
    expect(previousValidUntil).toBeNull();
    expect(await agent.ended()).toMatchObject({ code: 1000, reason: expect.stringContaining("Token regenerated") });
    expect(await test.agents.authenticate(old)).toBe("revoked");
    expect(await test.agents.authenticate(token)).toMatchObject({ environmentId: 1 });
  });

  it("work on until their overlap ends, which also ends their connection", async () => {
    await using test = await start();
    const old = await test.agents.issueToken(1);
    const agent = await joinLink(test.link.url, { token: old });
    const before = Date.now();
    const { token, previousValidUntil } = await test.agents.rotateToken(1, 1);
    expect(previousValidUntil).toBeGreaterThanOrEqual(before + 1000);
    expect(await test.agents.authenticate(old)).toMatchObject({ environmentId: 1 });
    expect(await test.agents.authenticate(token)).toMatchObject({ environmentId: 1 });
    expect((await test.agents.view(1)).agentToken?.previousValidUntil).toBe(
      new Date(previousValidUntil ?? 0).toISOString(),
    );
    expect(agent.closed).toBeUndefined();
    expect(await agent.message("error")).toMatchObject({ code: "token_revoked" });
    expect(Date.now()).toBeGreaterThanOrEqual(before + 1000);
    expect(await test.agents.authenticate(old)).toBe("revoked");
    expect(await test.agents.authenticate(token)).toMatchObject({ environmentId: 1 });
  });

  it("are ended by a revocation even while they overlap", async () => {
    await using test = await start();
    const old = await test.agents.issueToken(1);
    const { token } = await test.agents.rotateToken(1, 3600);
    await test.agents.revokeToken(1);
    expect(await test.agents.authenticate(old)).toBe("revoked");
    expect(await test.agents.authenticate(token)).toBe("revoked");
  });

  it("are not piled up by rotations", async () => {
    await using test = await start();
    await test.agents.issueToken(1);
    for (let n = 0; n < 30; n += 1) await test.agents.rotateToken(1, 0);
    const rows = await test.db.selectFrom("agent_tokens").selectAll().execute();
    expect(rows.length).toBeLessThan(15);
    for (let n = 0; n < 9; n += 1) await test.agents.rotateToken(1, 3600);
    await expect(test.agents.rotateToken(1, 3600)).rejects.toMatchObject({ code: "conflict" });
    await test.agents.rotateToken(1, 0);
  });
});

describe("agents", () => {
  it("are shown as their last hello said, with their comings and goings", async () => {
    await using test = await start();
    expect(await test.agents.view(1)).toEqual({ agent: null, conflict: null, agentToken: null });
    const token = await test.agents.issueToken(1);
    const agent = await joinLink(test.link.url, { token });
    const joined = await test.agents.view(1);
    expect(joined.agent).toMatchObject({
      agentId: "agent-1",
      agentName: "box",
      hostname: "box.local",
      version: "0.2.3",
      protocol: "1.0",
      capabilities: ["exec", "metrics", "events", "compose"],
      address: expect.stringContaining("127.0.0.1"),
      disconnectedAt: null,
      policy: null,
      latencyMs: null,
    });
    expect(joined.agentToken?.lastUsedAt).toEqual(expect.any(String));
    agent.socket.close();
    await waitFor(() => test.link.link.sessions.list().length === 0, { what: "the agent to leave" });
    const left = await test.agents.view(1);
    expect(left.agent?.connectedAt).toBe(joined.agent?.connectedAt);
    expect(left.agent?.disconnectedAt).toEqual(expect.any(String));
  });

  it("are shown with the policy of their host, as long as they have one", async () => {
    await using test = await start();
    const token = await test.agents.issueToken(1);
    const policyAfter = async (hello: Record<string, unknown>): Promise<string | null | undefined> => {
      const agent = await joinLink(test.link.url, { token, ...hello });
      const { agent: shown } = await test.agents.view(1);
      agent.socket.close();
      await waitFor(() => test.link.link.sessions.list().length === 0, { what: "the agent to leave" });
      return shown?.policy;
    };
    expect(await policyAfter({ policy: "file:shop" })).toBe("file:shop");
    expect(await policyAfter({ policy: "x".repeat(300) })).toBe("x".repeat(256));
    expect(await policyAfter({ policy: null })).toBeNull();
  });

  it("are written together, and one of a removed environment does not hold up the others", async () => {
    await using test = await start();
    const session = (environmentId: number): AgentSession =>
      ({
        environmentId,
        tokenId: 1,
        identity: identity(`a-${environmentId}`),
        connectedAt: 5,
      }) as unknown as AgentSession;
    for (const environmentId of [1, 2, 999]) test.agents.connected(session(environmentId));
    test.agents.disconnected(session(2));
    expect((await test.agents.view(1)).agent).toMatchObject({ agentId: "a-1", disconnectedAt: null });
    expect((await test.agents.view(2)).agent?.disconnectedAt).toEqual(expect.any(String));
    expect((await test.agents.view(999)).agent).toBeNull();
  });

  it("are not shown as connected after a hub that was killed", async () => {
    await using dir = await tempDir();
    const killed = await openDatabase(dir.path);
    await addEnvironments(killed.db);
    const store = new AgentStore(killed.db);
    const { agentId, agentName, hostname, version, protocol, dockerVersion, address } = identity("a");
    const row = {
      environment_id: 1,
      agent_id: agentId,
      agent_name: agentName,
      hostname,
      version,
      protocol,
      docker_version: dockerVersion,
      capabilities: "[]",
      address,
      connected_at: 1,
      disconnected_at: null,
    };
    await store.write({ agents: [row], conflicts: [], usedTokens: [], at: 1 });
    await killed.close();
    await using again = await start(dir.path);
    expect((await again.agents.view(1)).agent?.disconnectedAt).toEqual(expect.any(String));
  });
});

describe("identity conflicts", () => {
  it("are shown with both machines and counted, until they are dismissed", async () => {
    await using test = await start();
    const token = await test.agents.issueToken(1);
    const first = await joinLink(test.link.url, { token });
    first.onMessage = () => first.send({ type: "pong", timestamp: 0 });
    for (let n = 0; n < 2; n += 1) {
      expect(await refused(test.link.url, { token, agentId: "agent-2", agentName: "second" })).toBe(
        "identity_conflict",
      );
    }
    const { conflict } = await test.agents.view(1);
    expect(conflict).toMatchObject({
      attempts: 2,
      refused: { agentId: "agent-2", agentName: "second", hostname: "box.local" },
      connected: { agentId: "agent-1", agentName: "box" },
    });
    expect(await test.db.selectFrom("identity_conflicts").selectAll().execute()).toHaveLength(1);
    await test.agents.dismissConflict(1);
    expect((await test.agents.view(1)).conflict).toBeNull();
    expect(await test.db.selectFrom("identity_conflicts").selectAll().execute()).toEqual([]);
  });

  it("are over when the refused agent joins with a token of its own, and outlive a restart until then", async () => {
    await using dir = await tempDir();
    {
      await using test = await start(dir.path);
      test.agents.conflict(1, identity("b"), identity("a"));
    }
    await using test = await start(dir.path);
    expect((await test.agents.view(1)).conflict).toMatchObject({ attempts: 1, refused: { agentId: "b" } });
    await joinLink(test.link.url, { token: await test.agents.issueToken(2), agentId: "b" });
    await waitFor(async () => (await test.agents.view(1)).conflict === null, { what: "the conflict to end" });
  });
});
