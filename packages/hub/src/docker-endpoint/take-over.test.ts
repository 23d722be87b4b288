import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Dockerd,
  type FaultyNetwork,
  makeTestCertificates,
  startDockerd,
  startFaultyNetwork,
  tempDir,
  waitFor,
} from "@fairlead/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EndpointUnderTest, startEndpoint } from "./endpoint-fixture.ts";
import { RawCaller } from "./raw-caller-fixture.ts";

describe("connections that a real engine takes over", () => {
  let dockerd: Dockerd;
  let network: FaultyNetwork;
  let hub: EndpointUnderTest;

  beforeAll(async () => {
    dockerd = await startDockerd();
    await dockerd.importBusybox();
    network = await startFaultyNetwork({ path: dockerd.socketPath });
    hub = await startEndpoint({ kind: "direct", address: `tcp://${network.address}` });
  });

  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]();
    await network?.stop();
    await dockerd?.stop();
  });

  async function execId(cmd: string, tty = true): Promise<string> {
    const running = await dockerd.docker(["inspect", "box"]);
    if (running.code !== 0)
      await dockerd.dockerOk(["run", "-d", "--init", "--name", "box", "busybox", "sleep", "10000"]);
    const response = await fetch(`http://127.0.0.1:${hub.port}${hub.prefix}/v1.44/containers/box/exec`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Tty: tty,
        Cmd: ["sh", "-c", cmd],
      }),
    });
    return ((await response.json()) as { Id: string }).Id;
  }

  const startBody = '{"Detach":false,"Tty":true}';
  const start = (id: string, headers = "", body = startBody): string =>
    `POST ${hub.prefix}/v1.44/exec/${id}/start HTTP/1.1\r\nHost: \r\nContent-Type: application/json\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;

  test("with Upgrade: 101, the engine's head as it is", async () => {
    const caller = new RawCaller(hub.port);
    caller.send(start(await execId("read x; echo got $x"), "Connection: Upgrade\r\nUpgrade: tcp\r\n"));
    await caller.until("\r\n\r\n");
    expect(caller.text).toMatch(
      /^HTTP\/1\.1 101 UPGRADED\r\nContent-Type: application\/vnd\.docker\.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n/,
    );
    caller.send("line\r");
    expect(await caller.ended()).toContain("got line\r\n");
    caller.socket.end();
    await caller.closed();
  });

  test("without Upgrade: 200 with neither length nor chunks, and still both ways", async () => {
    const caller = new RawCaller(hub.port);
    caller.send(start(await execId("read x; echo got $x")));
    await caller.until("\r\n\r\n");
    expect(caller.text).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Type: application\/vnd\.docker\.raw-stream\r\n/);
    expect(caller.text).not.toMatch(/content-length|transfer-encoding|connection/i);
    caller.send("line\r");
    expect(await caller.ended()).toContain("got line\r\n");
    caller.socket.end();
  });

  test("input right behind the request, then a half-close: the output goes on", async () => {
    for (const upgrade of ["", "Connection: Upgrade\r\nUpgrade: tcp\r\n"]) {
      const caller = new RawCaller(hub.port);
      const body = '{"Detach":false,"Tty":false}';
      caller.send(`${start(await execId("wc -c; sleep 0.2; echo end", false), upgrade, body)}${"x".repeat(100_000)}`);
      caller.socket.end();
      const text = await caller.ended();
      expect(text).toContain("100000\n");
      expect(text.endsWith("end\n")).toBe(true);
    }
  });

  test("the body of an attach is not input, though it came after the head", async () => {
    await dockerd.dockerOk(["create", "-i", "--name", "cat", "busybox", "cat"]);
    const caller = new RawCaller(hub.port);
    // As dockerode sends it: the engine ignores the body, and would take what comes after the head for input.
    const body = '{"stream":true,"stdin":true,"stdout":true}';
    caller.send(
      `POST ${hub.prefix}/v1.44/containers/cat/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: \r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await sleep(100);
    caller.send(body);
    await caller.until("\r\n\r\n");
    await dockerd.dockerOk(["start", "cat"]);
    caller.socket.end("input");
    expect(await caller.ended()).toMatch(/\r\n\r\n\u0001\0\0\0\0\0\0\u0005input$/);
    await dockerd.dockerOk(["rm", "-f", "cat"]);
  });

  test("through the hub's TLS too a half-close is not a close", async () => {
    await using certificates = await makeTestCertificates();
    await using secure = await startEndpoint(
      { kind: "socket", address: `unix://${dockerd.socketPath}` },
      { tls: certificates },
    );
    const caller = new RawCaller(secure.port, certificates.ca);
    const body = '{"Detach":false,"Tty":false}';
    caller.send(
      start(await execId("wc -c; sleep 0.2; echo end", false), "Connection: Upgrade\r\nUpgrade: tcp\r\n", body),
    );
    await caller.until("\r\n\r\n");
    caller.socket.end("x".repeat(500_000));
    const text = await caller.ended();
    expect(text).toContain("500000\n");
    expect(text.endsWith("end\n")).toBe(true);
  });

  test("on a connection that carried ordinary calls before", async () => {
    const caller = new RawCaller(hub.port);
    const id = await execId("read x; echo got $x");
    caller.send(`GET ${hub.prefix}/_ping HTTP/1.1\r\nHost: x\r\n\r\n`);
    await caller.until("\r\n\r\nOK");
    caller.send(start(id));
    await caller.until("raw-stream\r\n");
    caller.send("line\r");
    expect(await caller.ended()).toContain("got line\r\n");
    caller.socket.end();
  });

  test("a head that comes byte by byte", async () => {
    const id = await execId("echo there; exit 1");
    network.oneByteAtATime(true, "toClient");
    const caller = new RawCaller(hub.port);
    caller.send(start(id, "Connection: Upgrade\r\nUpgrade: tcp\r\n"));
    expect(await caller.ended()).toMatch(/^HTTP\/1\.1 101 UPGRADED\r\n[^]*\r\n\r\nthere\r\n$/);
    caller.socket.end();
    network.heal();
  });

  test("a failed attach is the engine's plain text, ended by its end", async () => {
    for (const upgrade of ["", "Connection: Upgrade\r\nUpgrade: tcp\r\n"]) {
      const caller = new RawCaller(hub.port);
      caller.send(
        `POST ${hub.prefix}/v1.44/containers/nosuch/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: \r\n${upgrade}Content-Length: 0\r\n\r\n`,
      );
      expect(await caller.ended()).toBe(
        "HTTP/1.1 404 Not Found\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nNo such container: nosuch\r\n",
      );
      caller.socket.end();
    }
  });

  test("a refusal with a length is delivered, and nothing can follow on the connection", async () => {
    for (const upgrade of ["", "Connection: Upgrade\r\nUpgrade: tcp\r\n"]) {
      const caller = new RawCaller(hub.port);
      caller.send(`${start("0123456789", upgrade)}GET /v1.44/info HTTP/1.1\r\nHost: x\r\n\r\n`);
      const text = await caller.ended();
      expect(text).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
      expect(text).toMatch(/\r\nConnection: close\r\n/);
      expect(text.endsWith('{"message":"No such exec instance: 0123456789"}\n')).toBe(true);
      caller.socket.end();
    }
  });

  test("a detached start is an ordinary answer", async () => {
    const caller = new RawCaller(hub.port);
    caller.send(start(await execId("touch /was-here"), "", '{"Detach":true,"Tty":true}'));
    expect(await caller.ended()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    caller.socket.end();
  });

  test("a caller that breaks off reaches the engine, an engine that breaks off reaches the caller", async () => {
    const leaving = new RawCaller(hub.port);
    leaving.send(start(await execId("cat"), "Connection: Upgrade\r\nUpgrade: tcp\r\n"));
    await leaving.until("\r\n\r\n");
    await waitFor(() => network.openCount > 0, { what: "the connection to the engine" });
    leaving.socket.resetAndDestroy();
    // A few may wait idle for further calls, for some seconds.
    await waitFor(() => network.openCount === 0, { what: "the engine's connections closed" });

    const staying = new RawCaller(hub.port);
    staying.send(start(await execId("cat"), "Connection: Upgrade\r\nUpgrade: tcp\r\n"));
    await staying.until("\r\n\r\n");
    network.cut();
    await staying.closed();
    expect(staying.error?.code).toBe("ECONNRESET");
  });

  test("an engine that is away is named in Docker's words", async () => {
    network.refuse();
    const caller = new RawCaller(hub.port);
    caller.send(start("any", "Connection: Upgrade\r\nUpgrade: tcp\r\n"));
    const text = await caller.ended();
    network.heal();
    expect(text).toMatch(/^HTTP\/1\.1 50[23] /);
    expect(text).toMatch(/\{"message":"Environment test: /);
  });
});

describe("connections that a scripted engine takes over", () => {
  /** Answers every connection with these bytes, then does what the test says. */
  async function engine(serve: (socket: Socket) => void): Promise<{ server: Server; address: string }> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {});
      serve(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return { server, address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  const attach = (prefix: string): string =>
    `POST ${prefix}/containers/x/attach HTTP/1.1\r\nHost: \r\nAuthorization: Bearer fl_secret\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n`;

  test("output of an engine that closes with unread input is whole, and ends in order", async () => {
    const output = Buffer.alloc(20_000_000, "0123456789");
    await using folder = await tempDir();
    const address = join(folder.path, "engine.sock");
    // A unix socket, as engines have: over TCP a reset takes away what is still under way, and no carrier can help it.
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => {
        socket.pause();
        socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
        // The input is never read: closing resets the connection.
        socket.write(output, () => socket.destroy());
      });
    });
    server.listen(address);
    await once(server, "listening");
    await using hub = await startEndpoint({ kind: "socket", address });
    const caller = new RawCaller(hub.port);
    caller.send(attach(hub.prefix));
    await caller.until("\r\n\r\n");
    caller.send(Buffer.alloc(5_000_000));
    const text = await caller.ended();
    expect(text.length - text.indexOf("\r\n\r\n") - 4).toBe(output.length);
    caller.socket.destroy();
    server.close();
  });

  test("the hub's token stays here, the agent's goes along, and the host is the agent's", async () => {
    let head = "";
    const { server, address } = await engine((socket) => {
      socket.once("data", (data: Buffer) => {
        head = data.toString();
        socket.end("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
      });
    });
    await using hub = await startEndpoint({
      kind: "standard",
      address: address.replace("tcp", "http"),
      token: "agent-token",
    });
    const caller = new RawCaller(hub.port);
    caller.send(attach(hub.prefix).replace("/attach", "/attach?logs=1&access_token=fl_secret&stream=%31"));
    await caller.ended();
    caller.socket.end();
    expect(head).toBe(
      `POST /containers/x/attach?logs=1&stream=%31 HTTP/1.1\r\nHost: ${address.slice(6)}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n` +
        "Content-Length: 0\r\nX-Hawser-Token: agent-token\r\n\r\n",
    );
    server.close();
  });

  test.each([
    ["is not HTTP", "SSH-2.0-OpenSSH\r\n\r\n"],
    ["ends without an answer", ""],
    ["sends a head without end", `HTTP/1.1 101 X\r\nX: ${"x".repeat(300_000)}`],
  ])("an engine that %s becomes a 502", async (_what, answer) => {
    const { server, address } = await engine((socket) => socket.once("data", () => socket.end(answer)));
    await using hub = await startEndpoint({ kind: "direct", address });
    const caller = new RawCaller(hub.port);
    caller.send(attach(hub.prefix));
    expect(await caller.ended()).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
    caller.socket.end();
    server.close();
  });
});
