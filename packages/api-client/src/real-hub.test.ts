import type { AuditEntry } from "@fairlead/protocol/rest";
import { type HubProgram, startHub } from "@fairlead/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FairleadClient, type StreamMessage } from "./index.ts";

let hub: HubProgram;
let client: FairleadClient;

beforeAll(async () => {
  hub = await startHub();
  client = new FairleadClient(hub);
});

afterAll(() => hub?.stop());

test("every method finds its route on a hub", async () => {
  expect(await client.info()).toMatchObject({ name: "fairlead", protocol: "1.0" });
  expect(await client.settings()).toContainEqual(expect.objectContaining({ name: "tls", value: false }));
  const { environment, agentToken } = await client.createEnvironment({ name: "web-1", labels: { site: "attic" } });
  expect(agentToken).toMatch(/^fla_/);
  expect(await client.getEnvironment("web-1")).toMatchObject({ id: environment.id, labels: { site: "attic" } });
  expect(await client.updateEnvironment("web-1", { name: "web-2" })).toMatchObject({ name: "web-2" });
  expect((await client.listEnvironments()).map(({ name }) => name)).toEqual(["web-2"]);
  expect((await client.rotateAgentToken("web-2", { overlapSeconds: 60 })).previousValidUntil).not.toBeNull();
  await client.revokeAgentToken("web-2");
  expect((await client.createJoinKey("web-2")).joinKey).toMatch(/^flj_/);
  await client.revokeJoinKeys("web-2");
  expect(await client.listJoinKeys("web-2")).toMatchObject([{ state: "revoked" }]);
  await client.dismissConflict("web-2");
  expect(await client.environmentContainers("web-2")).toMatchObject({ live: false, containers: [] });
  expect(await client.listContainers({ environments: ["web-2"] })).toHaveLength(1);
  expect(await client.listEvents({ environments: ["web-2"], limit: 10 })).toEqual({ items: [], next: null });
  expect((await client.metrics("web-2", { resolution: "full" })).points).toEqual([]);
  const items = [{ environmentId: environment.id, points: [] }];
  expect(await client.fleetMetrics({ environments: ["web-2"], points: 10 })).toEqual({ items });
  await expect(client.docker("web-2", "/_ping")).rejects.toMatchObject({ code: "agent_disconnected" });
  const { token, secret } = await client.createToken({ name: "ci" });
  expect(await new FairleadClient({ url: hub.url, token: secret }).info()).toMatchObject({ name: "fairlead" });
  expect((await client.listTokens()).map(({ id }) => id)).toContain(token.id);
  await client.revokeToken(token.id);
  await client.removeEnvironment("web-2");
  const head = await client.auditHead();
  expect(await client.verifyAudit(`${head.number}:${head.hash}`)).toMatchObject({ intact: true, head });
  const { items: entries } = await client.listAudit({ limit: 2 });
  const exported: AuditEntry[] = [];
  for await (const entry of client.exportAudit()) exported.push(entry);
  expect(entries).toEqual(exported.slice(-2).toReversed());
  await expect(client.getEnvironment("web-2")).rejects.toMatchObject({ code: "not_found" });
});

test.each(["sse", "websocket"] as const)(
  "the stream tells of changes, resumes by id after a restart of the hub, and says reset for an id that is gone (%s)",
  async (transport) => {
    let connections = 0;
    const controller = new AbortController();
    const opened = Promise.withResolvers<void>();
    const stream = client.stream({
      topics: ["environment"],
      signal: controller.signal,
      transport,
      onOpen: opened.resolve,
      onConnected: () => (connections += 1),
    });
    const named = async (name: string): Promise<StreamMessage> => {
      for (;;) {
        const { value, done } = await stream.next();
        if (done) throw new Error("The stream ended");
        if ((value.data as { name?: string }).name === name) return value;
      }
    };
    const first = named(`${transport}-a`);
    await opened.promise;
    await client.createEnvironment({ name: `${transport}-a` });
    expect((await first).topic).toBe("environment");
    const second = named(`${transport}-b`);
    await hub.restart();
    await client.createEnvironment({ name: `${transport}-b` });
    const { id } = await second;
    expect(id).toMatch(/^\d+$/);
    expect(connections).toBeGreaterThan(1);
    controller.abort();
    expect(await stream.next()).toMatchObject({ done: true });

    const stale = client.stream({ lastEventId: "not-an-id", transport });
    expect((await stale.next()).value).toMatchObject({ topic: "reset" });
    await stale.return(undefined);
  },
);

test("a stream over a WebSocket that the hub refuses says why", async () => {
  const stranger = new FairleadClient({ url: hub.url, token: "fl_nobody" });
  await expect(stranger.stream({ transport: "websocket" }).next()).rejects.toMatchObject({ code: "unauthenticated" });
  const nowhere = client.stream({ transport: "websocket", environments: ["nowhere"] });
  await expect(nowhere.next()).rejects.toMatchObject({ code: "not_found" });
});

test("a WebSocket ends with its right, and the stream says so", async () => {
  const { token, secret } = await client.createToken({ name: "short-lived" });
  const opened = Promise.withResolvers<void>();
  const narrow = new FairleadClient({ url: hub.url, token: secret });
  const next = narrow.stream({ transport: "websocket", topics: ["metrics"], onOpen: opened.resolve }).next();
  const refused = expect(next).rejects.toMatchObject({ code: "unauthenticated" });
  await opened.promise;
  await client.revokeToken(token.id);
  await refused;
});
