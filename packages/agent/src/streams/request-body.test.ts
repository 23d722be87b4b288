import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type TempDir, tempDir, waitFor } from "@fairlead/testkit";
import type { BodyFraming } from "./render-request.ts";
import { RequestBody } from "./request-body.ts";

let folder: TempDir;
let engine: Socket;
let socket: Socket;
let received: Buffer[];
let closeAll: () => void;
beforeEach(async () => {
  folder = await tempDir();
  const server = createServer({ allowHalfOpen: true });
  server.listen(join(folder.path, "engine.sock"));
  await once(server, "listening");
  socket = connect({ path: join(folder.path, "engine.sock"), allowHalfOpen: true });
  [[engine]] = (await Promise.all([once(server, "connection"), once(socket, "connect")])) as [[Socket], unknown[]];
  received = [];
  engine.on("data", (bytes: Buffer) => received.push(bytes));
  for (const side of [engine, socket]) side.on("error", () => {});
  closeAll = () => {
    engine.destroy();
    socket.destroy();
    server.close();
  };
});
afterEach(async () => {
  closeAll();
  await folder.stop();
});

/** A body, and how many bytes of it were taken. */
function bodyOf(framing: BodyFraming): { body: RequestBody; taken: () => number } {
  let taken = 0;
  return { body: new RequestBody(framing, (bytes) => (taken += bytes)), taken: () => taken };
}

const text = (): string => Buffer.concat(received).toString("latin1");

async function engineGot(expected: string): Promise<void> {
  await waitFor(() => text().length >= expected.length, { what: () => `${expected} after ${text()}` });
  expect(text()).toBe(expected);
}

describe("a body with a length", () => {
  test("passes as it is, before and after the connection is there", async () => {
    const { body, taken } = bodyOf(10);
    body.write(Buffer.from("hello"));
    expect(taken()).toBe(0);
    body.attach(socket);
    expect(body.isComplete).toBe(false);
    body.write(Buffer.from("world"));
    expect([body.isComplete, body.end()]).toEqual([true, undefined]);
    await engineGot("helloworld");
    await waitFor(() => taken() === 10, { what: "all bytes to be taken" });
    expect(body.sentBytes).toBe(10);
  });

  test("one that is too short is told, by how much", () => {
    const { body } = bodyOf(10);
    body.attach(socket);
    body.write(Buffer.from("hell"));
    expect([body.end(), body.isComplete]).toEqual([expect.stringContaining("6 bytes"), false]);
  });

  test("nothing beyond it reaches the engine, where it would be the next request, or is taken", async () => {
    const { body, taken } = bodyOf(5);
    body.attach(socket);
    body.write(Buffer.from("helloGET /evil HTTP/1.1\r\n\r\n"));
    body.write(Buffer.from("more"));
    await engineGot("hello");
    await waitFor(() => taken() === 5, { what: "the body to be taken" });
    socket.end("!");
    await engineGot("hello!");
    expect([taken(), body.sentBytes]).toEqual([5, 5]);
  });

  test("after an upgrade what came beyond it passes, in its order", async () => {
    const { body, taken } = bodyOf(5);
    body.write(Buffer.from("helloa"));
    body.attach(socket);
    body.write(Buffer.from("b"));
    body.write(Buffer.from("c"));
    body.becomeRaw();
    body.write(Buffer.from("d"));
    await engineGot("helloabcd");
    await waitFor(() => taken() === 9, { what: "all bytes to be taken" });
    body.endRaw();
    await once(engine, "end");
    expect(engine.writable).toBe(true);
  });
});

describe("a body in chunks", () => {
  test("becomes chunks, with a last one", async () => {
    const { body, taken } = bodyOf("chunked");
    body.write(Buffer.from("early"));
    body.attach(socket);
    body.write(Buffer.alloc(0));
    body.write(Buffer.from("x".repeat(17)));
    expect([body.isComplete, body.end(), body.isComplete]).toEqual([false, undefined, true]);
    await engineGot(`5\r\nearly\r\n11\r\n${"x".repeat(17)}\r\n0\r\n\r\n`);
    await waitFor(() => taken() === 22, { what: "all bytes to be taken" });
  });

  test("one that ended before the connection was there", async () => {
    const { body } = bodyOf("chunked");
    body.write(Buffer.from("all"));
    body.end();
    body.attach(socket);
    await engineGot("3\r\nall\r\n0\r\n\r\n");
  });
});

test("no body: complete at once, and sent again on a fresh connection without a byte of its own", async () => {
  const { body } = bodyOf(0);
  body.attach(socket);
  expect([body.end(), body.isComplete, body.sentBytes]).toEqual([undefined, true, 0]);
  body.detach();
  body.attach(socket);
  socket.end("!");
  await engineGot("!");
});

test("an engine that does not read holds the sender back", async () => {
  engine.pause();
  const { body, taken } = bodyOf(8 * 1024 * 1024);
  body.attach(socket);
  const block = Buffer.alloc(64 * 1024);
  for (let at = 0; at < 128; at += 1) body.write(block);
  await waitFor(() => socket.writableLength > 0, { what: "bytes to wait" });
  expect(taken()).toBeLessThan(4 * 1024 * 1024);
  engine.resume();
  await waitFor(() => taken() === 8 * 1024 * 1024, { what: "all bytes to be taken" });
});

test("what an engine whose connection is gone does not get is dropped, and taken", async () => {
  const { body, taken } = bodyOf("chunked");
  body.attach(socket);
  socket.destroy();
  await once(socket, "close");
  body.write(Buffer.from("for nobody"));
  expect(taken()).toBe(10);
  expect(body.end()).toBeUndefined();
});
