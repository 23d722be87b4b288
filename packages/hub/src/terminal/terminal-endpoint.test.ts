import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ExecControl } from "@fairlead/protocol/rest";
import { FairleadError } from "@fairlead/protocol";
import { type Dockerd, startDockerd, waitFor } from "@fairlead/testkit";
import { WebSocket } from "ws";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { DialledEngine } from "../engine/dialled-engine.ts";
import type { EngineConnection, Terminal } from "../engine/engine-connection.ts";
import type { EnvironmentRecord } from "../environments/record.ts";
import { TerminalEndpoint } from "./terminal-endpoint.ts";
import { ANY_ADDRESS } from "../engine/any-address-fixture.ts";
import { silentLog } from "../database/database-fixture.ts";

let dockerd: Dockerd;
let server: Server;
let engine: () => EngineConnection;
let real: DialledEngine;
let endpoint: TerminalEndpoint;

beforeAll(async () => {
  dockerd = await startDockerd();
  await dockerd.importBusybox();
  await dockerd.dockerOk(["run", "-d", "--init", "--name", "box", "busybox", "sleep", "10000"]);
  const environment: EnvironmentRecord = {
    id: 1,
    name: "test",
    kind: "socket",
    labels: {},
    address: `unix://${dockerd.socketPath}`,
    tls: null,
    createdAt: 0,
  };
  real = new DialledEngine(environment, ANY_ADDRESS);
  endpoint = new TerminalEndpoint({ connections: { for: () => engine() }, log: silentLog });
  server = createServer();
  server.on("upgrade", (request, socket, head) => {
    try {
      endpoint.handleUpgrade(request, socket, head, environment);
    } catch (error) {
      const { status, message } = error as FairleadError;
      socket.end(`HTTP/1.1 ${status} Error\r\nContent-Length: ${message.length}\r\n\r\n${message}`);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterAll(async () => {
  await endpoint?.stop();
  real?.close();
  server?.close();
  server?.closeAllConnections();
  await dockerd?.stop();
});

/** A browser: what it heard. */
class Browser {
  readonly socket: WebSocket;
  readonly controls: ExecControl[] = [];
  output = "";
  bytes = 0;
  closed: number | undefined;

  constructor(query: string) {
    this.socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/exec?${query}`);
    this.socket.on("error", () => {});
    this.socket.on("close", (code) => (this.closed = code));
    this.socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) {
        this.bytes += data.length;
        this.output = (this.output + data.toString("latin1")).slice(-10_000);
      } else this.controls.push(JSON.parse(data.toString()) as ExecControl);
    });
    browsers.push(this);
  }

  async says(part: string): Promise<void> {
    await waitFor(() => this.output.includes(part), { what: () => `${part} in ${JSON.stringify(this.output)}` });
  }

  async ends(): Promise<number> {
    await waitFor(() => this.closed !== undefined, { what: () => `the close after ${JSON.stringify(this.controls)}` });
    return this.closed!;
  }
}

const browsers: Browser[] = [];
afterEach(() => {
  for (const browser of browsers.splice(0)) browser.socket.terminate();
});

test("a shell: ready, input, output, resize, end with its exit code", async () => {
  engine = () => real;
  const browser = new Browser("container=box&cols=101&rows=33&access_token=secret");
  await once(browser.socket, "open");
  // Before it is ready: nothing is lost.
  browser.socket.send(Buffer.from("stty size\r"));
  await browser.says("33 101");
  expect(browser.controls).toEqual([{ type: "ready" }]);
  browser.socket.send(JSON.stringify({ type: "resize", cols: 90, rows: 20 }));
  await waitFor(
    () => {
      browser.socket.send(Buffer.from("stty size\r"));
      return browser.output.includes("20 90");
    },
    { what: "the new size", intervalMs: 100 },
  );
  browser.socket.send(Buffer.from("exit 7\r"));
  expect(await browser.ends()).toBe(1000);
  expect(browser.controls.at(-1)).toEqual({ type: "end", reason: "container_exit", exitCode: 7 });
});

test("a command and a user", async () => {
  engine = () => real;
  const browser = new Browser(`container=box&user=user&cmd=${encodeURIComponent("sh -c 'id -un; exit 3'")}`);
  expect(await browser.ends()).toBe(1000);
  expect(browser.output).toBe("user\r\n");
  expect(browser.controls.at(-1)).toEqual({ type: "end", reason: "container_exit", exitCode: 3 });
});

test("much output arrives whole, however slowly it is read", async () => {
  engine = () => real;
  const browser = new Browser(`container=box&cmd=${encodeURIComponent("head -c 20000000 /dev/zero")}`);
  await once(browser.socket, "open");
  browser.socket.pause();
  await new Promise((resolve) => setTimeout(resolve, 300));
  browser.socket.resume();
  expect(await browser.ends()).toBe(1000);
  expect(browser.bytes).toBe(20_000_000);
});

test("a browser that leaves takes its program along", async () => {
  engine = () => real;
  const browser = new Browser("container=box&cmd=sleep%204321");
  await waitFor(() => browser.controls.length > 0, { what: "ready" });
  await waitFor(async () => (await dockerd.dockerOk(["top", "box"])).includes("sleep 4321"), { what: "the program" });
  browser.socket.terminate();
  await waitFor(async () => !(await dockerd.dockerOk(["top", "box"])).includes("4321"), { what: "the program's end" });
});

test.each([
  ["cmd=sh", 400, "container"],
  ["container=", 400, "container"],
  ["container=box&cols=many", 400, "cols"],
  ["container=box&rows=70000", 400, "rows"],
])("the query %s is refused before the upgrade, naming the field", async (query, status, field) => {
  const browser = new Browser(query);
  const [, response] = (await once(browser.socket, "unexpected-response")) as [
    unknown,
    NodeJS.ReadableStream & { statusCode: number },
  ];
  expect(response.statusCode).toBe(status);
  expect(
    String(
      await response[Symbol.asyncIterator]()
        .next()
        .then(({ value }) => value),
    ),
  ).toContain(field);
});

test("what fails is told by code", async () => {
  engine = () => real;
  const missing = new Browser("container=nosuch");
  expect(await missing.ends()).toBe(1008);
  expect(missing.controls).toEqual([{ type: "error", code: "not_found", message: expect.stringContaining("nosuch") }]);
  engine = () => {
    throw new FairleadError("agent_disconnected", "away");
  };
  const away = new Browser("container=box");
  expect(await away.ends()).toBe(1001);
  expect(away.controls).toEqual([{ type: "error", code: "agent_disconnected", message: "away" }]);
});

test.each([
  "{",
  "[]",
  '{"type":"paste"}',
  '{"type":"resize","cols":0,"rows":1}',
  '{"type":"resize","cols":1,"rows":"2"}',
])("a wrong control message (%s) ends the terminal with its reason", async (message) => {
  engine = () => real;
  const browser = new Browser("container=box&cmd=cat");
  await waitFor(() => browser.controls.length > 0, { what: "ready" });
  browser.socket.send(message);
  expect(await browser.ends()).toBe(1008);
  expect(browser.controls.at(-1)).toMatchObject({ type: "error", code: "bad_request" });
});

test("input waits for a program that does not read", async () => {
  let written = 0;
  const takes = Promise.withResolvers<void>();
  const terminal: Terminal = {
    output: { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) },
    ended: new Promise(() => {}),
    write(data) {
      written += data.length;
      return takes.promise;
    },
    resize() {},
    close() {},
  };
  engine = () => ({ openTerminal: () => Promise.resolve(terminal) }) as unknown as EngineConnection;
  const browser = new Browser("container=box");
  await once(browser.socket, "open");
  const sent = 64 * 1024 * 1024;
  for (let left = sent; left > 0; left -= 64 * 1024) browser.socket.send(Buffer.alloc(64 * 1024));
  await waitFor(() => written > 0, { what: "the first input" });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(written).toBeLessThan(sent / 8);
  takes.resolve();
  await waitFor(() => written === sent, { what: "all the input" });
});
