import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type FakeEngine, makeTestCertificates, startFakeEngine, startFaultyNetwork, waitFor } from "@fairlead/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { EngineClient } from "./engine-client.ts";

describe("EngineClient", () => {
  let engine: FakeEngine;
  let client: EngineClient;

  beforeEach(async () => {
    engine = await startFakeEngine();
    client = new EngineClient({ kind: "unix", path: engine.socketPath });
  });

  afterEach(async () => {
    client.close();
    await engine.stop();
  });

  const ask = (path: string, method = "GET") => client.request({ method, path });

  test("its own calls use the negotiated version, asked once until told to forget", async () => {
    expect(await client.ownPath("/events")).toBe("/v1.44/events");
    expect(await client.ownPath("/info")).toBe("/v1.44/info");
    expect(engine.requestCount).toBe(1);
    engine.version = { Version: "20.10.24", ApiVersion: "1.41", MinAPIVersion: "1.12" };
    client.forget();
    expect(await client.ownPath("/info")).toBe("/v1.41/info");
    expect((await client.version()).version).toBe("20.10.24");
    engine.info = { DockerRootDir: "/var/lib/docker" };
    expect(await client.dataRoot()).toBe("/var/lib/docker");
  });

  test("an engine that was down is asked for its version again", async () => {
    await engine.goAway();
    await expect(client.version()).rejects.toMatchObject({ code: "engine_unreachable" });
    await engine.listen();
    expect((await client.version()).version).toBe("26.1.5");
  });

  test("connections are used again, and one that the engine closed meanwhile does no harm", async () => {
    for (let index = 0; index < 3; index += 1) await ask("/_ping");
    expect(engine.openConnections).toBe(1);
    engine.cutConnections();
    expect((await ask("/_ping")).status).toBe(200);
  });

  test("a cancelled call ends at the engine, before and after the head", async () => {
    engine.fault("GET /info", { kind: "stall" });
    const early = new AbortController();
    const waiting = client.request({ method: "GET", path: "/info" }, { signal: early.signal });
    await waitFor(() => engine.requestCount === 1, { what: "the call" });
    early.abort();
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
    const late = new AbortController();
    const { body } = await client.open({ method: "GET", path: "/events" }, { signal: late.signal });
    late.abort();
    await expect(body.toArray()).rejects.toMatchObject({ code: "cancelled" });
    await waitFor(() => engine.eventListeners === 0, { what: "the end at the engine" });
    const never = client.open({ method: "GET", path: "/events" }, { signal: late.signal });
    await expect(never).rejects.toMatchObject({ code: "cancelled" });
  });

  test("a thousand calls at once find room in the queue of the engine's socket", async () => {
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => ask("/_ping")));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  });

  test("idle connections are closed, those at work are not, however quiet", async () => {
    const { body } = await client.open({ method: "GET", path: "/events" });
    await Promise.all(Array.from({ length: 10 }, () => ask("/_ping")));
    expect(engine.openConnections).toBeGreaterThan(2);
    await waitFor(() => engine.openConnections === 1, { what: "the end of the idle ones" });
    engine.emitEvent({ Action: "start", Actor: { ID: "c" } });
    expect(String(await once(body, "data"))).toContain("start");
    body.destroy();
  });

  test("an upgraded connection is raw both ways, and half-closes", async () => {
    const body = Buffer.from(`{"Tty":true}`);
    const { status, socket } = await client.upgrade({ method: "POST", path: "/exec/e/start", body });
    expect(status).toBe(101);
    socket?.write("ping");
    expect(String(await once(socket as Duplex, "data"))).toBe("ping");
    socket?.end("last");
    expect(Buffer.concat(await (socket as Duplex).toArray()).toString()).toBe("last");
  });

  test("a refused upgrade is an ordinary answer", async () => {
    const answer = await client.upgrade({ method: "POST", path: "/nothing" });
    expect(answer.socket).toBeUndefined();
    expect(answer.status).toBe(404);
  });

  test("over TCP", async () => {
    await using network = await startFaultyNetwork({ path: engine.socketPath });
    const tcp = new EngineClient({ kind: "tcp", host: "127.0.0.1", port: network.port });
    expect((await tcp.request({ method: "GET", path: "/_ping" })).status).toBe(200);
    expect(tcp.name).toBe(`tcp://127.0.0.1:${network.port}`);
    tcp.close();
  });
});

describe("EngineClient and other servers", () => {
  const servers: Server[] = [];

  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  async function listening(server: Server): Promise<number> {
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }

  test("an engine that hijacks with 200, and sends bytes along with the head", async () => {
    const server = createServer();
    server.on("upgrade", (_request, socket: Duplex) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nearly");
      socket.on("data", (bytes) => socket.write(bytes));
      socket.on("end", () => socket.end("over"));
    });
    const client = new EngineClient({ kind: "tcp", host: "127.0.0.1", port: await listening(server) });
    const { status, socket } = await client.upgrade({ method: "POST", path: "/exec/e/start" });
    expect(status).toBe(200);
    const all: Buffer[] = [];
    socket?.on("data", (bytes: Buffer) => all.push(bytes));
    socket?.write("echo");
    await waitFor(() => Buffer.concat(all).toString() === "earlyecho", { what: "both" });
    socket?.end();
    await waitFor(() => Buffer.concat(all).toString() === "earlyechoover", { what: "the rest after the half-close" });
    client.close();
  });

  test("101 with bytes in the same read", async () => {
    const server = createServer();
    server.on("upgrade", (_request, socket: Duplex) => {
      socket.end("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nfirst bytes");
    });
    const client = new EngineClient({ kind: "tcp", host: "127.0.0.1", port: await listening(server) });
    const { socket } = await client.upgrade({ method: "POST", path: "/exec/e/start" });
    expect(Buffer.concat(await (socket as Duplex).toArray()).toString()).toBe("first bytes");
    client.close();
  });

  test("TLS: certificates of both sides are checked unless told otherwise", async () => {
    await using certificates = await makeTestCertificates();
    const { ca, cert, key } = certificates;
    const server = createTlsServer(
      { ca, cert, key, requestCert: true, rejectUnauthorized: true },
      (_request, response) => {
        response.end("OK");
      },
    );
    const address = { kind: "tcp", host: "127.0.0.1", port: await listening(server) } as const;
    const status = async (tls: { ca?: string; cert?: string; key?: string; skipVerify: boolean }): Promise<number> => {
      const client = new EngineClient({ ...address, tls });
      try {
        return (await client.request({ method: "GET", path: "/_ping" })).status;
      } finally {
        client.close();
      }
    };
    expect(await status({ ca, cert, key, skipVerify: false })).toBe(200);
    expect(await status({ cert, key, skipVerify: true })).toBe(200);
    await expect(status({ cert, key, skipVerify: false })).rejects.toMatchObject({ code: "engine_unreachable" });
    await expect(status({ ca, skipVerify: false })).rejects.toThrow();
  });
});
