import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import type { ContainerStatsControl } from "@fairlead/protocol/rest";
import { type TempDir, tempDir, waitFor } from "@fairlead/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type HubFixture, startHubFixture } from "../http/hub-fixture.ts";

// Who sees what, on an engine that answers for every container; real engines are in test/e2e/container-stats.test.ts.
let folder: TempDir;
let engine: Server;
let hub: HubFixture;
let web: number;
let other: number;
let asked: string[] = [];
const pages: Page[] = [];

beforeAll(async () => {
  folder = await tempDir();
  const address = join(folder.path, "engine.sock");
  engine = createServer(({ url = "" }, response) => {
    const container = /\/containers\/([^/]+)\/stats/.exec(url)?.[1];
    if (container !== undefined) asked.push(container);
    const isThere = container !== "missing";
    response.statusCode = isThere ? 200 : 404;
    response.end(
      url.includes("/containers/json")
        ? "[]"
        : JSON.stringify({ read: "2026-01-31T12:00:00Z", pids_stats: { current: 7 } }),
    );
  });
  await new Promise<void>((resolve) => engine.listen(address, resolve));
  hub = await startHubFixture();
  const { environments, watch } = hub.domains;
  web = (await environments.create({ name: "web", kind: "socket", address, labels: { tier: "web" } })).id;
  other = (await environments.create({ name: "other", kind: "socket", address })).id;
  await waitFor(() => watch.isEngineUp(web) && watch.isEngineUp(other), { what: "the engines" });
});
afterEach(async () => {
  for (const page of pages.splice(0)) page.socket.terminate();
  await waitFor(() => hub.domains.statsSampler.watched === 0, { what: "nothing to be watched" });
  asked = [];
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  engine.closeAllConnections();
  engine.close();
  await folder.stop();
});

class Page {
  readonly socket: WebSocket;
  readonly heard: ContainerStatsControl[] = [];
  closed: number | undefined;

  constructor(token: string) {
    this.socket = new WebSocket(`ws://127.0.0.1:${hub.port}/api/v1/container-stats?access_token=${token}`);
    this.socket.on("error", () => {});
    this.socket.on("close", (code) => (this.closed = code));
    this.socket.on("message", (data: Buffer) => this.heard.push(JSON.parse(data.toString()) as ContainerStatsControl));
    pages.push(this);
  }

  static async of(token: string): Promise<Page> {
    const page = new Page(token);
    await once(page.socket, "open");
    return page;
  }

  watch(...containers: [environmentId: number, id: string][]): void {
    this.say({ type: "watch", containers: containers.map(([environmentId, id]) => ({ environmentId, id })) });
  }

  say(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Containers of which it has heard this. */
  of(type: "samples" | "refused" | "gone"): string[] {
    const refs = this.heard.flatMap((message) => {
      if (message.type !== type) return [];
      return message.type === "samples" ? message.samples : message.containers;
    });
    return [...new Set(refs.map(({ environmentId, id }) => `${environmentId} ${id}`))].toSorted();
  }

  hears(type: "samples" | "refused" | "gone", container: string): Promise<unknown> {
    return waitFor(() => this.of(type).includes(container), {
      what: () => `${container} in ${JSON.stringify(this.heard)}`,
    });
  }
}

async function viewerOfWeb(): Promise<{ id: number; secret: string }> {
  const scope = { type: "label", name: "tier", value: "web" } as const;
  const name = `viewer-${pages.length}-${Date.now()}`;
  const { token, secret } = await hub.tokens.create({ name, grants: [{ permissions: ["container.view"], scope }] });
  return { id: token.id, secret };
}

test("figures of what a page watches; another list takes the place of the one before", async () => {
  const page = await Page.of(hub.token);
  page.watch([web, "a"], [other, "b"], [web, "a"], [web, "missing"], [9999, "c"]);
  await page.hears("samples", `${web} a`);
  await page.hears("samples", `${other} b`);
  await page.hears("gone", `${web} missing`);
  expect(page.of("refused")).toEqual(["9999 c"]);
  const samples = page.heard.flatMap((message) => (message.type === "samples" ? message.samples : []));
  for (const { pids } of samples) expect(pids).toBe(7);
  page.watch([web, "d"]);
  await page.hears("samples", `${web} d`);
  expect(hub.domains.statsSampler.watched).toBe(1);
  page.watch();
  await waitFor(() => hub.domains.statsSampler.watched === 0, { what: "nothing to be watched" });
});

test("what a caller may not see is refused, also when that changes, and ends with the token", async () => {
  const { id, secret } = await viewerOfWeb();
  const page = await Page.of(secret);
  page.watch([web, "a"], [other, "b"]);
  await page.hears("samples", `${web} a`);
  expect(page.of("refused")).toEqual([`${other} b`]);
  expect(asked).not.toContain("b");
  await hub.tokens.revoke(id);
  await waitFor(() => page.closed !== undefined, { what: "the close" });
  expect(page.closed).toBe(1006);
  // One who sees environments everywhere keeps the connection when labels change, and loses what is beyond its right.
  const everywhere = { permissions: ["environment.view" as const], scope: { type: "all" as const } };
  const web_ = {
    permissions: ["container.view" as const],
    scope: { type: "label", name: "tier", value: "web" } as const,
  };
  const wide = await hub.tokens.create({ name: "wide", grants: [everywhere, web_] });
  const second = await Page.of(wide.secret);
  second.watch([web, "a"]);
  await second.hears("samples", `${web} a`);
  await hub.domains.environments.update("web", { labels: {} });
  await second.hears("refused", `${web} a`);
  await hub.domains.environments.update("web", { labels: { tier: "web" } });
  expect(second.closed).toBeUndefined();
});

test.each([
  ["x", "it is not JSON"],
  ["{}", "type"],
  ['{"type":"watch","containers":[{"environmentId":1,"id":"../../info"}]}', "containers.0.id"],
  ['{"type":"watch","containers":[{"environmentId":"1","id":"a"}]}', "containers.0.environmentId"],
  [
    JSON.stringify({ type: "watch", containers: Array.from({ length: 201 }, () => ({ environmentId: 1, id: "a" })) }),
    "201",
  ],
])("the message %s ends it with its reason", async (message, part) => {
  const page = await Page.of(hub.token);
  page.socket.send(message);
  await waitFor(() => page.closed === 1008, { what: () => `the close, not ${page.closed}` });
  expect(page.heard).toEqual([
    { type: "error", code: "bad_request", message: expect.stringContaining(part) as string },
  ]);
});

test("nobody without a token", async () => {
  const page = new Page("wrong");
  const [, response] = (await once(page.socket, "unexpected-response")) as [unknown, { statusCode: number }];
  expect(response.statusCode).toBe(401);
});
