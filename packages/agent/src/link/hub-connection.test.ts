import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import type { WebSocket } from "ws";
import { expect, test } from "vitest";
import { createLog } from "../log.ts";
import { HubConnection, MAX_BACKLOG_BYTES } from "./hub-connection.ts";

/** A socket whose peer does not read. */
class StuckSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  isTerminated = false;

  send(text: string): void {
    this.bufferedAmount += text.length;
  }

  close(): void {}

  terminate(): void {
    this.isTerminated = true;
    this.readyState = 3;
    this.emit("close", 1006, Buffer.alloc(0));
  }
}

test("a hub that asks without reading is dropped before its answers fill the memory", async () => {
  const socket = new StuckSocket();
  const options = { log: createLog("error", () => {}), silenceTimeoutMs: 60_000 };
  const raw = new PassThrough();
  raw.on("data", () => {});
  const connection = new HubConnection(socket as unknown as WebSocket, raw, options);
  const ping = Buffer.from(`{"type":"ping","timestamp":1}`);
  socket.emit("message", ping, false);
  expect(socket.bufferedAmount).toBeGreaterThan(0);
  socket.bufferedAmount = MAX_BACKLOG_BYTES;
  socket.emit("message", ping, false);
  expect(socket.isTerminated).toBe(true);
  expect((await connection.ended).reason).toContain("does not read");
});
