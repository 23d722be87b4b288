import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { FairleadError } from "@fairlead/protocol";
import type { LogsControl } from "@fairlead/protocol/rest";
import { waitFor } from "@fairlead/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { Caller } from "../access/caller.ts";
import { CallerSlots } from "../access/caller-slots.ts";
import { environmentRecord } from "../docker-endpoint/endpoint-fixture.ts";
import type { EngineCall, EngineConnection } from "../engine/engine-connection.ts";
import { LogsEndpoint } from "./logs-endpoint.ts";

// Against an engine that says what it is told; real engines, and the ways to them, are in test/e2e/container-logs.test.ts.

const caller: Caller = { kind: "token", id: "1", name: "page", personId: null, grants: [], expiresAt: null };
const ID = "c".repeat(64);

let server: Server;
let endpoint: LogsEndpoint;
/** The body of the next log; what it was asked with; whether it was cancelled. */
let body: () => AsyncIterable<Uint8Array>;
let calls: EngineCall[] = [];
let cancels = 0;
let inspect: { status: number; answer: unknown };
let logStatus = 200;
let open: () => EngineConnection;
const browsers: Browser[] = [];

const engine = {
  request: (call: EngineCall) => {
    calls.push(call);
    return Promise.resolve({ status: inspect.status, headers: {}, body: Buffer.from(JSON.stringify(inspect.answer)) });
  },
  openStream: (call: EngineCall) => {
    calls.push(call);
    return Promise.resolve({ status: logStatus, headers: {}, body: body(), cancel: () => void (cancels += 1) });
  },
} as unknown as EngineConnection;

beforeAll(async () => {
  endpoint = new LogsEndpoint({
    connections: { for: () => open() },
    slots: new CallerSlots({ what: "logs", perCaller: 3, total: 3 }),
  });
  server = createServer();
  server.on("upgrade", (request, socket, head) => {
    try {
      endpoint.handleUpgrade(request, socket, head, environmentRecord({}), caller);
    } catch (error) {
      const { status, message } = error as FairleadError;
      socket.end(`HTTP/1.1 ${status} Error\r\nContent-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
beforeEach(() => {
  [calls, cancels, logStatus] = [[], 0, 200];
  inspect = { status: 200, answer: { Id: ID, Config: { Tty: false } } };
  open = () => engine;
});
afterEach(async () => {
  for (const browser of browsers.splice(0)) browser.socket.terminate();
  await waitFor(() => endpoint.open === 0, { what: "the logs to be closed" });
});
afterAll(() => {
  endpoint.stop();
  server.close();
  server.closeAllConnections();
});

class Browser {
  readonly socket: WebSocket;
  readonly controls: LogsControl[] = [];
  readonly sizes: number[] = [];
  text = "";
  bytes = 0;
  closed: number | undefined;

  constructor(query: string) {
    this.socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/logs?${query}`);
    this.socket.on("error", () => {});
    this.socket.on("close", (code) => (this.closed = code));
    this.socket.on("message", (data: Buffer, isBinary) => {
      if (!isBinary) {
        this.controls.push(JSON.parse(data.toString()) as LogsControl);
        return;
      }
      this.sizes.push(data.length);
      this.bytes += data.length;
      this.text = (this.text + data.toString("latin1")).slice(-1000);
    });
    browsers.push(this);
  }

  async ends(): Promise<number> {
    await waitFor(() => this.closed !== undefined, { what: () => `the close after ${JSON.stringify(this.controls)}` });
    return this.closed!;
  }

  ready(): Promise<unknown> {
    return waitFor(() => this.controls.length > 0, { what: "ready" });
  }
}

async function* of(...chunks: string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk));
}

/** Never says anything. */
const silence: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };

test("ready, the bytes, the end; the log is asked for by id, with times", async () => {
  body = () => of("one\n", "two\n");
  const times = "since=2026-01-31T12:00:00.123456789Z&until=1769860801.5";
  const browser = new Browser(`container=web&follow=1&tail=100&stderr=0&access_token=secret&${times}`);
  expect(await browser.ends()).toBe(1000);
  expect(browser.controls).toEqual([{ type: "ready", tty: false }, { type: "end" }]);
  expect(browser.text).toBe("one\ntwo\n");
  expect(calls.map(({ path }) => path)).toEqual([
    "/containers/web/json",
    `/containers/${ID}/logs?timestamps=1&tail=100&follow=1&stdout=1&since=1769860800.123456789&until=1769860801.500000000`,
  ]);
});

test("lines of one turn are one message, and no message is over 64 KiB", async () => {
  inspect.answer = { Id: ID, Config: { Tty: true } };
  body = async function* () {
    for (let line = 0; line < 1_000; line += 1) yield Buffer.from("a line\n");
    await nextTurn();
    yield Buffer.alloc(150_000);
  };
  const browser = new Browser("container=web");
  await browser.ends();
  expect(browser.controls[0]).toEqual({ type: "ready", tty: true });
  expect(browser.bytes).toBe(157_000);
  expect(browser.sizes.length).toBeLessThan(20);
  expect(Math.max(...browser.sizes)).toBe(65_536);
});

test("a browser that does not read holds the engine back, and loses nothing", async () => {
  const all = 64 * 1024 * 1024;
  let given = 0;
  body = async function* () {
    for (; given < all; given += 64 * 1024) yield await Promise.resolve(Buffer.alloc(64 * 1024));
  };
  const browser = new Browser("container=web");
  await browser.ready();
  browser.socket.pause();
  // Until nothing moves any more: what the network between holds is full.
  for (let before = -1; before !== given; await sleep(200)) before = given;
  expect(given).toBeLessThan(all / 2);
  browser.socket.resume();
  expect(await browser.ends()).toBe(1000);
  expect(browser.bytes).toBe(all);
});

test("a browser that leaves ends the engine's answer", async () => {
  body = () => silence;
  const browser = new Browser("container=web&follow=1");
  await browser.ready();
  browser.socket.terminate();
  await waitFor(() => cancels === 1, { what: "the cancel" });
});

test("what breaks off is told after what came", async () => {
  body = async function* () {
    yield await Promise.resolve(Buffer.from("before"));
    throw new FairleadError("agent_disconnected", "The agent left.");
  };
  const browser = new Browser("container=web");
  expect(await browser.ends()).toBe(1001);
  expect(browser.text).toBe("before");
  expect(browser.controls.at(-1)).toEqual({
    type: "error",
    code: "agent_disconnected",
    message: "The agent left.",
  });
});

test("refusals are told by code: of the way, of the container, of its log", async () => {
  body = () => of('{"message":"configured logging driver does not support reading"}');
  const refusal = async (): Promise<unknown[]> => {
    const browser = new Browser("container=web");
    const code = await browser.ends();
    return [code, ...browser.controls];
  };
  logStatus = 501;
  expect(await refusal()).toEqual([
    1011,
    { type: "error", code: "engine_error", message: expect.stringContaining("does not support reading") as string },
  ]);
  // From deployed agents, that tell no status of a stream.
  logStatus = 200;
  expect(await refusal()).toEqual([1011, expect.objectContaining({ type: "error", code: "engine_error" })]);
  inspect = { status: 404, answer: { message: "No such container: web" } };
  expect(await refusal()).toEqual([1008, { type: "error", code: "not_found", message: "No such container: web" }]);
  inspect = { status: 200, answer: [] };
  expect(await refusal()).toEqual([1011, expect.objectContaining({ code: "engine_error" })]);
  open = () => {
    throw new FairleadError("agent_disconnected", "away");
  };
  expect(await refusal()).toEqual([1001, { type: "error", code: "agent_disconnected", message: "away" }]);
});

test("one too many is told in the socket, and another is let in when one has ended", async () => {
  body = () => silence;
  const [first, ...others] = [1, 2, 3].map(() => new Browser("container=web&follow=1"));
  await Promise.all([first!, ...others].map((browser) => browser.ready()));
  const refused = new Browser("container=web");
  expect(await refused.ends()).toBe(1013);
  expect(refused.controls).toEqual([
    { type: "error", code: "too_many_requests", message: "page has 3 logs open already. Close some first." },
  ]);
  first!.socket.terminate();
  await waitFor(() => endpoint.open === 2, { what: "the first to be forgotten" });
  await new Browser("container=web&follow=1").ready();
});

test.each([
  ["follow=1", "container"],
  ["container=..", "container"],
  ["container=a/b", "container"],
  ["container=web&container=db", "container"],
  ["container=web&follow=perhaps", "follow"],
  ["container=web&tail=-1", "tail"],
  ["container=web&since=yesterday", "since"],
  ["container=web&until=5%20apples", "until"],
  ["container=web&stdout=0&stderr=0", "stdout"],
])("the query %s is refused before the upgrade, naming the field", async (query, field) => {
  const { socket } = new Browser(query);
  const [, response] = (await once(socket, "unexpected-response")) as [
    unknown,
    AsyncIterable<Buffer> & { statusCode: number },
  ];
  expect(response.statusCode).toBe(400);
  let text = "";
  for await (const piece of response) text += piece.toString();
  expect(text).toContain(field);
  expect(calls).toEqual([]);
});
