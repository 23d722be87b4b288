import { once } from "node:events";
import { access, readFile, stat, writeFile } from "node:fs/promises";
import { request as httpsRequest } from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import type { CreatedEnvironment, Environment } from "@fairlead/protocol/rest";
import { makeTestCertificates, startLegacyAgent, type TempDir, tempDir, waitFor } from "@fairlead/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDatabase } from "./database/open.ts";
import { type HubOptions, type RunningHub, startHub } from "./main.ts";

const TOKEN = "token-of-the-hub-tests";
let folder: TempDir;
let hubs: RunningHub[];
beforeEach(async () => {
  folder = await tempDir();
  hubs = [];
});
afterEach(async () => {
  for (const hub of hubs) await hub.stop();
  await folder.stop();
});

async function start(options: Partial<HubOptions> = {}): Promise<RunningHub> {
  const hub = await startHub({
    host: "127.0.0.1",
    port: 0,
    dataDir: folder.path,
    logLevel: "silent",
    bootstrapToken: TOKEN,
    print: () => {},
    ...options,
  });
  hubs.push(hub);
  return hub;
}

function call(hub: RunningHub, path: string, options: RequestInit = {}, token = TOKEN): Promise<Response> {
  return fetch(hub.url + path, {
    ...options,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
  });
}

async function failure(starting: Promise<RunningHub>): Promise<{ code: string; message: string }> {
  return await starting.then(
    () => {
      throw new Error("The hub started");
    },
    (error: { code: string; message: string }) => error,
  );
}

describe("a fresh hub", () => {
  const file = (): string => join(folder.path, "api-token");

  test("makes a token, prints it once, and keeps it for its machine", async () => {
    const lines: string[] = [];
    const options = { dataDir: folder.path, host: "127.0.0.1", port: 0, logLevel: "silent" as const };
    const print = (line: string): void => void lines.push(line);
    const hub = await startHub({ ...options, print });
    const secret = (await readFile(file(), "utf8")).trim();
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(lines.filter((line) => line.includes(secret))).toHaveLength(1);
    expect(lines.at(-3)).toBe(`fairlead hub listening on ${hub.url}`);
    expect(lines.at(-1)).toMatch(/^ {2}http:\/\/localhost:\d+\/first-admin#[\w-]{43}$/);
    expect((await call(hub, "/api/v1", {}, secret)).status).toBe(200);
    await hub.stop();

    lines.length = 0;
    const again = await startHub({ ...options, print });
    hubs.push(again);
    expect(lines.filter((line) => line.includes("API token"))).toEqual([]);
    expect(lines[0]).toBe(`fairlead hub listening on ${again.url}`);
    expect((await call(again, "/api/v1", {}, secret)).status).toBe(200);
  });

  test("with a bootstrap token makes none, and removes one that is worth nothing", async () => {
    await writeFile(file(), "fl_of-a-database-that-is-gone\n");
    const hub = await start();
    expect((await call(hub, "/api/v1")).status).toBe(200);
    await expect(access(file())).rejects.toThrow("ENOENT");
  });
});

describe("a hub that cannot start", () => {
  test("because another has its folder says so, and leaves it running", async () => {
    const first = await start();
    expect(await failure(start())).toMatchObject({ code: "database_locked" });
    expect((await call(first, "/readyz")).status).toBe(200);
  });

  test("because its port is taken names it, and gives the folder up", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    const error = await failure(start({ port }));
    expect(error.code).toBe("config_invalid");
    expect(error.message).toContain(`127.0.0.1:${port}`);
    other.close();
    await start({ port: 0 });
  });

  test("because its certificate is none says so, and gives the folder up", async () => {
    const error = await failure(start({ tls: { cert: "x", key: "y" } }));
    expect(error).toMatchObject({ code: "config_invalid" });
    await start();
  });
});

test("a hub on all addresses tells one that this machine reaches", async () => {
  const lines: string[] = [];
  const hub = await start({ host: "0.0.0.0", print: (line) => void lines.push(line) });
  expect(hub.url).toBe(`http://127.0.0.1:${hub.port}`);
  expect(lines[0]).toBe(`fairlead hub listening on ${hub.url} and all other addresses of this machine`);
  expect((await call(hub, "/healthz")).status).toBe(200);
});

test("with a certificate it speaks TLS 1.2 and later only", async () => {
  await using certificates = await makeTestCertificates();
  const { ca, cert, key } = certificates;
  const hub = await start({ tls: { cert, key } });
  expect(hub.url).toBe(`https://127.0.0.1:${hub.port}`);
  const get = (tls: object): Promise<number | undefined> => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    httpsRequest(`${hub.url}/healthz`, { ca, agent: false, ...tls }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
    return promise;
  };
  expect(await get({ maxVersion: "TLSv1.2" })).toBe(200);
  expect(await get({ minVersion: "TLSv1.3" })).toBe(200);
  const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" };
  await expect(get(old)).rejects.toThrow(/protocol version|EPROTO|ECONNRESET/i);
});

describe("with an agent", () => {
  async function join(hub: RunningHub): Promise<{ environment: Environment; token: string }> {
    const response = await call(hub, "/api/v1/environments", { method: "POST", body: '{"name":"web"}' });
    const { environment, agentToken } = (await response.json()) as CreatedEnvironment;
    return { environment, token: agentToken ?? "" };
  }
  const show = async (hub: RunningHub): Promise<Environment> =>
    (await (await call(hub, "/api/v1/environments/web")).json()) as Environment;
  const agentUrl = (hub: RunningHub): string => `${hub.url.replace("http", "ws")}/api/hawser/connect`;

  test("the environment shows it, after a restart as away", async () => {
    const hub = await start();
    const { environment, token } = await join(hub);
    const agent = await startLegacyAgent({ url: agentUrl(hub), token });
    await waitFor(async () => (await show(hub)).link.state === "up", { what: "the link's light" });
    expect((await show(hub)).agent).toMatchObject({ disconnectedAt: null });
    await hub.stop();
    expect(await agent.connection.closed).toMatchObject({ code: 1001 });
    await agent.stop();
    const again = await start();
    const shown = await show(again);
    expect(shown.id).toBe(environment.id);
    expect(shown.link.state).toBe("down");
    expect(shown.agent?.disconnectedAt).not.toBeNull();
  });

  test("removing the environment closes its connection", async () => {
    const hub = await start();
    const { token } = await join(hub);
    await using agent = await startLegacyAgent({ url: agentUrl(hub), token });
    await waitFor(async () => (await show(hub)).link.state === "up", { what: "the link's light" });
    await call(hub, "/api/v1/environments/web", { method: "DELETE" });
    expect((await call(hub, "/api/v1/environments/web")).status).toBe(404);
    expect(await agent.connection.closed).toMatchObject({ code: 1008 });
  });
});

test("stopping ends streams and agents, and leaves a database that opens", async () => {
  const hub = await start();
  const stream = await call(hub, "/api/v1/stream");
  expect(stream.status).toBe(200);
  const ended = stream.text().then(
    () => "ended",
    () => "broke off",
  );
  const began = performance.now();
  await Promise.all([hub.stop(), hub.stop()]);
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(["ended", "broke off"]).toContain(await ended);
  await expect(call(hub, "/healthz")).rejects.toThrow("fetch failed");
  await (await openDatabase(folder.path)).close();
});
