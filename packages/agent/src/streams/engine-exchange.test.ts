import { afterEach, beforeEach, expect, test } from "vitest";
import { type FramePipe, FrameType, StreamMux } from "@fairlead/protocol";
import { type FakeEngine, patternBytes, startFakeEngine, waitFor } from "@fairlead/testkit";
import { EngineClient } from "../engine/engine-client.ts";
import { EngineSockets } from "../engine/engine-sockets.ts";
import { serveStream } from "./serve-streams.ts";

let engine: FakeEngine;
let sockets: EngineSockets;
beforeEach(async () => {
  engine = await startFakeEngine();
  sockets = new EngineSockets(new EngineClient({ kind: "unix", path: engine.socketPath }));
});
afterEach(async () => {
  sockets.close();
  await engine.stop();
});

/** The agent's end of a connection whose network takes nothing while it is `full`. */
class Network implements FramePipe {
  readonly sent: { type: FrameType; id: number; payload: Buffer }[] = [];
  isFull = false;
  readonly mux = new StreamMux({
    pipe: this,
    now: () => performance.now(),
    onOpen: (stream, open) => serveStream(stream, open, sockets, undefined),
    onViolation: () => expect.unreachable(),
  });

  get bufferedBytes(): number {
    return this.isFull ? Number.MAX_SAFE_INTEGER : 0;
  }

  send(type: FrameType, id: number, payload: Uint8Array, written?: () => void): void {
    this.sent.push({ type, id, payload: Buffer.from(payload) });
    if (written) setImmediate(written);
  }

  receive(type: FrameType, id: number, payload: Uint8Array = Buffer.alloc(0)): void {
    this.mux.receive(Buffer.from([type, 0, 0, 0, id, ...payload]), true);
  }

  get(id: number, path: string): void {
    this.receive(FrameType.Open, id, Buffer.from(JSON.stringify({ method: "GET", path, headers: [] })));
    this.receive(FrameType.End, id);
  }

  /** All DATA of a stream so far. */
  dataOf(id: number): Buffer {
    const frames = this.sent.filter((frame) => frame.type === FrameType.Data && frame.id === id);
    return Buffer.concat(frames.map(({ payload }) => payload));
  }

  /** Waits until a frame of this type was sent on the stream. */
  async sends(type: FrameType, id: number): Promise<void> {
    await waitFor(() => this.sent.some((frame) => frame.type === type && frame.id === id), { what: `frame ${type}` });
  }
}

test.each([
  ["by length", ""],
  ["in chunks", "&chunked=1"],
])("a connection is used again after an answer %s whose end had to wait", async (_, framing) => {
  const network = new Network();
  for (let id = 1; id <= 5; id += 1) {
    network.isFull = true;
    network.get(id, `/images/get?bytes=1000${framing}`);
    await network.sends(FrameType.Head, id);
    await waitFor(() => engine.requests.filter(({ finished }) => finished).length === id, { what: "the whole answer" });
    expect(network.sent.filter((frame) => frame.id === id).map(({ type }) => type)).toEqual([FrameType.Head]);
    network.isFull = false;
    network.mux.writable();
    await network.sends(FrameType.End, id);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
  }
  expect(engine.openConnections).toBe(1);
  for (let id = 1; id <= 5; id += 1) expect(network.dataOf(id).equals(patternBytes(1000))).toBe(true);
});

test.each([
  ["by length", [["Content-Length", "5"]], "hello"],
  ["empty", [["Content-Length", "0"]], ""],
])("a connection is used again after a body %s whose end came after the answer", async (_, headers, body) => {
  const network = new Network();
  for (let id = 1; id <= 10; id += 2) {
    const path = "/images/load?hash=off";
    network.receive(FrameType.Open, id, Buffer.from(JSON.stringify({ method: "POST", path, headers })));
    if (body !== "") network.receive(FrameType.Data, id, Buffer.from(body));
    await network.sends(FrameType.End, id);
    network.receive(FrameType.End, id);
    // Calls that may be repeated use kept connections; an upload has a new one, and leaves it to them.
    network.get(id + 1, "/_ping");
    await network.sends(FrameType.End, id + 1);
    await new Promise(setImmediate);
  }
  expect(engine.openConnections).toBe(5);
});

test("with many connections in use each one's bytes are right, and sent before more is read", async () => {
  const network = new Network();
  const streams = 40;
  network.isFull = true;
  for (let id = 1; id <= streams; id += 1) network.get(id, "/images/get?bytes=200000");
  for (let id = 1; id <= streams; id += 1) await network.sends(FrameType.Head, id);
  network.isFull = false;
  network.mux.writable();
  for (let id = 1; id <= streams; id += 1) await network.sends(FrameType.End, id);
  for (let id = 1; id <= streams; id += 1) {
    expect(network.dataOf(id).equals(patternBytes(200_000)), `stream ${id}`).toBe(true);
  }
});
