import { once } from "node:events";
import * as net from "node:net";
import { join } from "node:path";
import { startDockerd, tempDir, waitFor, type Dockerd, type TempDir } from "@fairlead/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DockerCarrier, type DockerEndpointTarget } from "./docker-carrier.ts";
import { listenLocally, type LocalSocket } from "./local-socket.ts";
import { ScriptedConnection, ScriptedHub } from "./scripted-hub-fixture.ts";

let folder: TempDir;
let hub: ScriptedHub;
let local: LocalSocket;

beforeEach(async () => {
  folder = await tempDir();
  hub = await new ScriptedHub().start();
  local = await listenLocally(join(folder.path, "d.sock"), (socket) => void new DockerCarrier(socket, hub.target));
});

afterEach(async () => {
  await local.close();
  hub.stop();
  await folder.stop();
});

function dial(): ScriptedConnection {
  return new ScriptedConnection(net.connect({ path: local.path, allowHalfOpen: true }));
}

const PING = "GET /v1.45/_ping HTTP/1.1\r\nHost: docker\r\nauthorization: Basic x\r\nX-Case: Kept\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";

describe("plain calls", () => {
  test("get the endpoint's path, the hub's host and our token; the rest of the head stays", async () => {
    const client = dial();
    client.send(PING);
    const there = await hub.connection();
    await there.until("\r\n\r\n");
    expect(there.received).toBe(
      "GET /api/v1/environments/7/docker/v1.45/_ping HTTP/1.1\r\nHost: hub.example\r\nAuthorization: Bearer secret\r\nX-Case: Kept\r\n\r\n",
    );
    there.send(OK);
    await client.until("OK");
    expect(client.received).toBe(OK);
  });

  test("share a connection one after the other, also when they come all at once", async () => {
    const client = dial();
    client.send(PING.repeat(3));
    const there = await hub.connection();
    for (let count = 1; count <= 3; count += 1) {
      await waitFor(() => there.received.split("GET ").length - 1 === count, { what: `request ${count}` });
      expect(there.received.split("GET ").length - 1).toBe(count);
      there.send(OK);
    }
    await waitFor(() => client.received === OK.repeat(3), { what: "three answers" });
    expect(hub.connections).toHaveLength(1);
  });

  test("an interim answer passes, and the body that waited for it", async () => {
    const client = dial();
    client.send("PUT /x HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
    const there = await hub.connection();
    await there.until("Expect");
    there.send("HTTP/1.1 100 Continue\r\n\r\n");
    await client.until("100 Continue");
    client.send("5\r\nhello\r\n0\r\n\r\n");
    await there.until("0\r\n\r\n");
    there.send(OK);
    await client.until(OK);
  });

  test("the head of an answer does not wait for its body", async () => {
    const client = dial();
    client.send("POST /wait HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    const there = await hub.connection();
    await there.until("/wait");
    there.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    await client.until("chunked\r\n\r\n");
    there.send("1\r\nx\r\n0\r\n\r\n");
    await client.until("0\r\n\r\n");
  });

  test("answers without a body: HEAD with a length, 204, 304", async () => {
    const client = dial();
    const there = async (): Promise<ScriptedConnection> => hub.connection();
    for (const [method, answer] of [
      ["HEAD", "HTTP/1.1 404 Not Found\r\nContent-Length: 60\r\n\r\n"],
      ["POST", "HTTP/1.1 204 No Content\r\n\r\n"],
      ["POST", "HTTP/1.1 304 Not Modified\r\n\r\n"],
      ["GET", OK],
    ] as const) {
      const before = client.received.length;
      client.send(`${method} /x HTTP/1.1\r\nContent-Length: 0\r\n\r\n`);
      await waitFor(() => hub.connections[0]?.received.endsWith(`\r\n\r\n`), { what: method });
      (await there()).received = "";
      (await there()).send(answer);
      await waitFor(() => client.received.length === before + answer.length, { what: `${method} answered` });
    }
    expect(hub.connections).toHaveLength(1);
  });

  test("a head of 100 kB passes, in pieces", async () => {
    const client = dial();
    const value = "x".repeat(100_000);
    client.send("POST /build HTTP/1.1\r\nX-Registry-Config: ");
    const sending = Array.from({ length: 10 }, (_, part) => value.slice(part * 10_000, (part + 1) * 10_000));
    for (const part of sending) {
      client.send(part);
      await new Promise((resolve) => setImmediate(resolve));
    }
    client.send("\r\nContent-Length: 0\r\n\r\n");
    const there = await hub.connection();
    await there.until(`${value}\r\n`);
  });

  test("a caller that goes away reaches the hub, before and during the answer", async () => {
    for (const answer of ["", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"]) {
      const client = dial();
      client.send("GET /events HTTP/1.1\r\n\r\n");
      const there = await hub.connection(hub.connections.length);
      await there.until("/events");
      there.send(answer);
      await waitFor(() => client.received === answer, { what: "the beginning of the answer" });
      client.socket.destroy();
      await waitFor(() => there.ended, { what: "the end to reach the hub" });
    }
  });
});

describe("early answers", () => {
  test("with Connection: close reach a caller that still sends, and end its connection", async () => {
    const client = dial();
    client.send("PUT /archive HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    const there = await hub.connection();
    await there.until("chunked");
    const block = `10000\r\n${"x".repeat(65_536)}\r\n`;
    const answer = "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 4\r\n\r\ngone";
    for (let count = 0; count < 50; count += 1) {
      client.send(block);
      if (count === 10) {
        there.send(answer);
        there.socket.end();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await waitFor(() => client.ended, { what: "the end of the connection" });
    expect(client.received).toBe(answer);
  });

  test("without it leave the connection in step", async () => {
    const client = dial();
    client.send("PUT /archive HTTP/1.1\r\nContent-Length: 5\r\n\r\n");
    const there = await hub.connection();
    await there.until("Content-Length");
    there.send("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone");
    await client.until("gone");
    client.send(`hello${PING}`);
    await there.until("hello");
    await there.until("/_ping");
    there.send(OK);
    await client.until("OK");
  });
});

describe("raw connections", () => {
  test("after 101: bytes both ways, in the same read too, each side with an end of its own", async () => {
    const client = dial();
    client.send(
      "POST /containers/a/attach HTTP/1.1\r\nUpgrade: tcp\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\nearly",
    );
    const there = await hub.connection();
    await there.until("\r\n\r\n");
    expect(there.received).not.toContain("early");
    const head = "HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n";
    there.send(`${head}first`);
    await there.until("early");
    await client.until("first");
    client.send("GET / HTTP/1.1\r\n\r\n\0");
    client.socket.end();
    await waitFor(() => there.ended, { what: "the client's end" });
    expect(there.received.endsWith("\r\n\r\nearlyGET / HTTP/1.1\r\n\r\n\0")).toBe(true);
    there.send(" output after stdin ended");
    await client.until("stdin ended");
    expect(client.ended).toBe(false);
    there.socket.end();
    await waitFor(() => client.closed, { what: "the close" });
    expect(client.received).toBe(`${head}first output after stdin ended`);
  });

  test("after 200 without a length, and a client whose stdin ends before the answer", async () => {
    const client = dial();
    client.send("POST /v1.45/containers/a/attach?stdin=1 HTTP/1.1\r\nContent-Length: 0\r\n\r\ninput");
    client.socket.end();
    const there = await hub.connection();
    await there.until("\r\n\r\n");
    expect(there.ended).toBe(false);
    there.send("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n");
    await waitFor(() => there.ended, { what: "the client's end" });
    expect(there.received.endsWith("\r\n\r\ninput")).toBe(true);
    there.send("output");
    there.socket.end();
    await waitFor(() => client.closed, { what: "the close" });
    expect(client.received.endsWith("\r\n\r\noutput")).toBe(true);
  });

  test("the hub ends first: the client may go on", async () => {
    const client = dial();
    client.send("POST /session HTTP/1.1\r\nHost:\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
    const there = await hub.connection();
    await there.until("h2c");
    there.send("HTTP/1.1 101 Switching Protocols\r\n\r\nx");
    there.socket.end();
    await waitFor(() => client.ended, { what: "the hub's end" });
    client.send("still here");
    await there.until("still here");
  });

  test("a refused upgrade leaves the connection usable", async () => {
    const client = dial();
    client.send("POST /exec/x/start HTTP/1.1\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\n{}");
    const there = await hub.connection();
    await there.until("{}");
    there.send("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone");
    await client.until("gone");
    client.send(PING);
    await there.until("/_ping");
    there.send(OK);
    await client.until("OK");
  });

  test("a slow reader holds its own connection only", async () => {
    const stalled = dial();
    stalled.send("GET /images/get HTTP/1.1\r\n\r\n");
    const there = await hub.connection();
    await there.until("/images");
    stalled.socket.pause();
    there.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
    const block = Buffer.alloc(1024 * 1024);
    let sent = 0;
    const send = (): void => {
      while (sent < 95 && there.socket.write(block)) sent += 1;
    };
    there.socket.on("drain", send);
    send();
    let before = -1;
    const isStill = (): boolean => {
      const same = sent === before;
      before = sent;
      return same;
    };
    await waitFor(isStill, { what: "the hub to be held back", intervalMs: 300 });
    // What the kernel's buffers take, and no more.
    expect(sent).toBeLessThan(50);
    const other = dial();
    other.send(PING);
    (await hub.connection(1)).send(OK);
    await other.until("OK");
    expect(sent).toBe(before);
  });
});

describe("a hub that goes", () => {
  test("between two calls: the next call opens a connection of its own", async () => {
    const client = dial();
    client.send(PING);
    const first = await hub.connection();
    await first.until("/_ping");
    first.send(OK);
    await client.until("OK");
    first.socket.end();
    await waitFor(() => first.closed, { what: "the first connection to be closed" });
    client.send(PING);
    (await hub.connection(1)).send(OK);
    await waitFor(() => client.received === OK + OK, { what: "the second answer" });
  });

  test("in the midst of an answer: the answer is cut, not ended", async () => {
    const client = dial();
    client.send(PING);
    const there = await hub.connection();
    await there.until("/_ping");
    there.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
    await client.until("x\r\n");
    there.socket.destroy();
    await waitFor(() => client.ended, { what: "the cut" });
    expect(client.received).not.toContain("0\r\n\r\n");
  });

  test("what is not HTTP is refused", async () => {
    const client = dial();
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    await waitFor(() => client.ended, { what: "the answer" });
    expect(client.received).toMatch(/^HTTP\/1\.1 400 /);
    expect(hub.connections).toHaveLength(0);
  });
});

describe("docker on a real engine", () => {
  let dockerd: Dockerd;
  let engineFolder: TempDir;
  let carried: LocalSocket;

  beforeAll(async () => {
    [dockerd, engineFolder] = await Promise.all([startDockerd(), tempDir()]);
    await dockerd.importBusybox();
    // The engine itself in the hub's place: what the carrier changes, it does not mind.
    const target: DockerEndpointTarget = {
      dial: async () => {
        const connection = net.connect({ path: dockerd.socketPath, allowHalfOpen: true });
        await once(connection, "connect");
        return connection;
      },
      pathPrefix: "",
      host: "docker",
      authorization: "Bearer secret",
    };
    const path = join(engineFolder.path, "d.sock");
    carried = await listenLocally(path, (socket) => void new DockerCarrier(socket, target));
  });

  afterAll(async () => {
    await carried?.close();
    await Promise.all([dockerd?.stop(), engineFolder?.stop()]);
  });

  const docker = (args: string[], input?: string | Uint8Array) =>
    dockerd.docker(["-H", `unix://${carried.path}`, ...args], input === undefined ? {} : { input });

  test("run -i with half-close, exit codes, run -d with wait, attach and exec", async () => {
    const bytes = Buffer.alloc(3 * 1024 * 1024, "fairlead\0\r\n");
    const cat = await docker(["run", "-i", "--rm", "busybox", "sh", "-c", "cat; sleep 0.2; echo after; exit 7"], bytes);
    expect(cat.code).toBe(7);
    expect(cat.stdout.equals(Buffer.concat([bytes, Buffer.from("after\n")]))).toBe(true);
    const { stdout: id } = await docker([
      "run",
      "-d",
      "-i",
      "--name",
      "c1",
      "busybox",
      "sh",
      "-c",
      "read x; echo got $x; sleep 100",
    ]);
    expect(id.toString()).toMatch(/^[0-9a-f]{64}\n$/);
    const exec = await docker(["exec", "-i", "c1", "sh", "-c", "wc -c; echo err >&2; exit 3"], bytes);
    expect([exec.code, exec.stdout.toString(), exec.stderr.toString()]).toEqual([3, `${bytes.length}\n`, "err\n"]);
    const wait = docker(["wait", "c1"]);
    await docker(["rm", "-f", "c1"]);
    expect((await wait).stdout.toString()).toBe("137\n");
  });

  test("cp both ways, and to a container that does not exist", async () => {
    await docker(["run", "-d", "--name", "c2", "--stop-timeout", "0", "busybox", "sleep", "100"]);
    const file = join(engineFolder.path, "f");
    const back = join(engineFolder.path, "back");
    const { writeFile, readFile } = await import("node:fs/promises");
    const { randomBytes } = await import("node:crypto");
    const content = randomBytes(20 * 1024 * 1024);
    await writeFile(file, content);
    expect((await docker(["cp", file, "c2:/f"])).code).toBe(0);
    expect((await docker(["cp", "c2:/f", back])).code).toBe(0);
    expect((await readFile(back)).equals(content)).toBe(true);
    const missing = await docker(["cp", file, "nosuch:/f"]);
    expect(missing.stderr.toString()).toContain("No such container: nosuch");
    await docker(["rm", "-f", "c2"]);
  });

  test("builds: classic and BuildKit", async () => {
    const dockerfile = "FROM busybox\nRUN echo built > /b\n";
    const context = join(engineFolder.path, "ctx");
    const { mkdir, writeFile } = await import("node:fs/promises");
    await mkdir(context);
    await writeFile(join(context, "Dockerfile"), dockerfile);
    for (const kit of ["0", "1"]) {
      const build = await dockerd.docker(
        ["-H", `unix://${carried.path}`, "build", "--network", "none", "--no-cache", "-t", `b${kit}`, context],
        {
          env: { DOCKER_BUILDKIT: kit },
        },
      );
      expect([build.code, build.stderr.toString().slice(-2_000)]).toEqual([0, expect.anything()]);
      expect((await docker(["run", "--rm", `b${kit}`, "cat", "/b"])).stdout.toString()).toBe("built\n");
    }
  });

  test("fifty at once", async () => {
    const runs = await Promise.all(Array.from({ length: 50 }, () => fetchPing(carried.path)));
    expect(runs.filter((answer) => answer.includes("200 OK"))).toHaveLength(50);
  });
});

async function fetchPing(path: string): Promise<string> {
  const connection = new ScriptedConnection(net.connect({ path }));
  connection.send("GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  await waitFor(() => connection.ended, { what: "the answer to a ping" });
  return connection.received;
}
