import { randomBytes } from "node:crypto";
import { once } from "node:events";
import * as net from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as tls from "node:tls";
import { makeTestCertificates, tempDir, type TempDir, waitFor } from "@fairlead/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DockerCarrier, type DockerEndpointTarget } from "./docker-carrier.ts";
import { dialHub, HUB_WAIT_MS, type HubWait, RETRY_PAUSE_MS } from "./hub-dialer.ts";
import { listenLocally, type LocalSocket } from "./local-socket.ts";
import { ScriptedConnection, ScriptedHub } from "./scripted-hub-fixture.ts";

const PING = "GET /v1.45/_ping HTTP/1.1\r\nHost: docker\r\n\r\n";
const EXEC = "POST /exec/x/start HTTP/1.1\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\n{}";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";

let folder: TempDir;
let hub: ScriptedHub;
let local: LocalSocket;
/** How often the carrier asked for a connection. */
let dials: number;

beforeEach(async () => {
  folder = await tempDir();
  // It has had a port before it goes.
  hub = await new ScriptedHub().start();
  dials = 0;
  const target: DockerEndpointTarget = {
    ...hub.target,
    dial(wait) {
      dials += 1;
      return hub.target.dial(wait);
    },
  };
  local = await listenLocally(join(folder.path, "d.sock"), (socket) => void new DockerCarrier(socket, target));
});

afterEach(async () => {
  await local.close();
  hub.stop();
  await folder.stop();
});

function client(): ScriptedConnection {
  return new ScriptedConnection(net.connect({ path: local.path, allowHalfOpen: true }));
}

/** Until the dial has begun, and long enough that some tries have failed. */
async function triedInVain(): Promise<void> {
  await waitFor(() => dials > 0, { what: "a dial" });
  await sleep(2 * RETRY_PAUSE_MS);
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

describe("a hub that is not there when a request comes", () => {
  test("and comes late: it gets the request, once", async () => {
    hub.stop();
    const caller = client();
    caller.send("POST /containers/a/stop HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
    await triedInVain();
    await hub.start();
    const there = await hub.connection();
    await there.until("hello");
    there.send(OK);
    await caller.until(OK);
    expect(caller.received).toBe(OK);
    expect(count(there.received, "POST ")).toBe(1);
    expect(hub.connections).toHaveLength(1);
  });

  test("a large body is not taken from the client meanwhile, and arrives whole", async () => {
    hub.stop();
    const body = randomBytes(20_000_000).toString("latin1");
    const caller = client();
    caller.send(`PUT /x HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await triedInVain();
    // A little is held, some is in the kernel's buffers.
    expect(caller.socket.writableLength).toBeGreaterThan(15_000_000);
    await hub.start();
    const there = await hub.connection();
    await waitFor(() => there.received.length > body.length, { what: "the body" });
    there.send(OK);
    await caller.until(OK);
    expect(there.received.slice(there.received.indexOf("\r\n\r\n") + 4) === body).toBe(true);
  });

  test("or never, or takes connections and drops them: 502 with what happened and how long it waited", async () => {
    hub.stop();
    const beganAt = performance.now();
    const refused = client();
    refused.send(EXEC);
    const dropping = await new ScriptedHub().start();
    dropping.onConnection = ({ socket }) => socket.destroy();
    const path = join(folder.path, "dropping.sock");
    const second = await listenLocally(path, (socket) => void new DockerCarrier(socket, dropping.target));
    const dropped = new ScriptedConnection(net.connect({ path, allowHalfOpen: true }));
    dropped.send(PING);
    await waitFor(() => refused.ended && dropped.ended, { what: "the answers" });
    const tookMs = performance.now() - beganAt;
    expect(tookMs).toBeGreaterThan(HUB_WAIT_MS - RETRY_PAUSE_MS);
    expect(messageOf(refused)).toMatch(
      /^Cannot reach the hub at http:\/\/127\.0\.0\.1:\d+: waited \d+ s, last: connect ECONNREFUSED .*'fairlead doctor'/,
    );
    expect(messageOf(dropped)).toMatch(/^The hub at hub\.example ended .* without an answer .*: \d+ s of trying again/);
    // Ten, unless the machine was busy when they were over.
    for (const message of [messageOf(refused), messageOf(dropped)]) {
      const seconds = Number(/(\d+) s\b/.exec(message)?.[1]);
      expect(seconds).toBeGreaterThanOrEqual(HUB_WAIT_MS / 1000);
      expect(seconds).toBeLessThanOrEqual(Math.round(tookMs / 1000));
    }
    // One a pause: what drops connections is not hammered.
    expect(dropping.connections.length).toBeGreaterThan(1);
    expect(dropping.connections.length).toBeLessThanOrEqual(tookMs / RETRY_PAUSE_MS);
    await second.close();
    dropping.stop();
  });

  test("a client that goes away meanwhile is not served when it is back", async () => {
    hub.stop();
    for (const leave of ["destroy", "end"] as const) {
      const caller = client();
      caller.send(EXEC);
      await triedInVain();
      caller.socket[leave]();
      await waitFor(() => caller.closed || caller.ended, { what: `the end after ${leave}` });
    }
    await hub.start();
    await sleep(2 * RETRY_PAUSE_MS);
    const caller = client();
    caller.send(PING);
    (await hub.connection()).send(OK);
    await caller.until("OK");
    expect(hub.connections).toHaveLength(1);
    expect(hub.connections[0]?.received).toContain("_ping");
  });
});

describe("a hub that goes when it has a request", () => {
  test("a GET without an answer is sent to the next one", async () => {
    const caller = client();
    caller.send(PING);
    await (await hub.connection()).until("_ping");
    hub.stop();
    await hub.start();
    const next = await hub.connection(1);
    await next.until("_ping");
    next.send(OK);
    await caller.until(OK);
    expect(caller.received).toBe(OK);
  });

  test("a POST is not: it may have been carried out", async () => {
    const caller = client();
    caller.send(EXEC);
    await (await hub.connection()).until("{}");
    hub.stop();
    await hub.start();
    await waitFor(() => caller.ended, { what: "the answer" });
    expect(messageOf(caller)).toMatch(/not known whether the request was carried out/);
    await sleep(2 * RETRY_PAUSE_MS);
    expect(hub.connections).toHaveLength(1);
  });
});

describe("dialHub", () => {
  const wait = (waitedMs = 0): HubWait => ({
    signal: new AbortController().signal,
    isWanted: () => true,
    since: performance.now() - waitedMs,
  });

  test("does not try a wrong certificate again", async () => {
    await using certificates = await makeTestCertificates();
    let connections = 0;
    const server = tls.createServer({ cert: certificates.cert, key: certificates.key }).listen(0, "127.0.0.1");
    server.on("connection", () => (connections += 1));
    server.on("tlsClientError", () => {});
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    await expect(dialHub(new URL(`https://127.0.0.1:${port}`), wait())).rejects.toThrow(
      new RegExp(`^Cannot connect to the hub at https://127\\.0\\.0\\.1:${port}: .*certificate`),
    );
    expect(connections).toBe(1);
    server.close();
  });

  test("gives up on a name that does not exist, and on a hub that accepts nothing, when the time is over", async () => {
    const left = 1_000;
    const silent = net.createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as net.AddressInfo;
    // Its TLS handshake never ends.
    const urls = ["http://no-such-name.invalid", `https://127.0.0.1:${port}`];
    const failures = await Promise.all(
      urls.map((url) => dialHub(new URL(url), wait(HUB_WAIT_MS - left)).catch((error: Error) => error.message)),
    );
    expect(failures[0]).toMatch(/^Cannot reach the hub at http:\/\/no-such-name\.invalid: waited 1\d s, last: /);
    expect(failures[1]).toMatch(/: waited 1\d s, last: no answer to the attempt to connect/);
    silent.close();
  });
});

function messageOf({ received }: ScriptedConnection): string {
  expect(received).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\nContent-Type: application\/json\r\n/);
  const { message } = JSON.parse(received.slice(received.indexOf("\r\n\r\n"))) as { message: string };
  return message;
}
