import type { ServerResponse } from "node:http";
import { WebSocket } from "ws";
import type { ChangeRow } from "./change-store.ts";

/** Where a reader's changes go. Texts are made by it and given back to `send`, together where they come together. */
export interface ChangeSink {
  /** Aborted when the other side has gone. */
  readonly gone: AbortSignal;
  /** What is sent before anything else. */
  open(): string[];
  change(row: ChangeRow): string;
  /** What follows the reader's position is not kept in full. */
  reset(id: number): string;
  /** The position has moved on without a change, or nothing has happened for a while. */
  idle(id: number, isNews: boolean): string;
  /** Undefined when there is room for more; else kept when there is again. */
  send(texts: readonly string[]): Promise<void> | undefined;
  /** Ends in order. */
  end(): void;
  /** Cuts the other side off: it dials again and resumes. */
  destroy(): void;
}

/** How long a browser waits until it dials again. */
const RETRY_MS = 1_000;

/** Server-sent events. A block with an id and no data moves the reader's position on without an event. */
export function eventStreamSink(response: ServerResponse): ChangeSink {
  const gone = goneOf(response);
  return {
    gone,
    open() {
      response.writeHead(200, {
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        // nginx would hold the events back until its buffer is full.
        "x-accel-buffering": "no",
      });
      return [`retry: ${RETRY_MS}\n\n`];
    },
    change: ({ id, topic, body }) => `id: ${id}\nevent: ${topic}\ndata: ${body}\n\n`,
    reset: (id) => `id: ${id}\nevent: reset\ndata: {}\n\n`,
    idle: (id, isNews) => (isNews ? `id: ${id}\n\n` : ": quiet\n\n"),
    send(texts) {
      if (response.write(texts.join(""))) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      response.once("drain", resolve);
      return promise.finally(() => response.off("drain", resolve));
    },
    end: () => response.end(),
    destroy: () => response.destroy(),
  };
}

/** WebSocket close code: the hub is going away. */
const GOING_AWAY = 1001;

/** What may wait in a WebSocket before its reader is waited for: as much as a response holds back. */
const ROOM_BYTES = 16 * 1024;

/** The same as text messages, `{topic, id, data}`; what is no change has the topic `idle`. */
export function webSocketSink(socket: WebSocket): ChangeSink {
  const gone = goneOf(socket);
  return {
    gone,
    open: () => [],
    change: ({ id, topic, body }) => `{"topic":"${topic}","id":"${id}","data":${body}}`,
    reset: (id) => `{"topic":"reset","id":"${id}","data":{}}`,
    idle: (id) => `{"topic":"idle","id":"${id}"}`,
    send(texts) {
      const { promise, resolve } = Promise.withResolvers<void>();
      // Also when the connection closes before: then with an error that "close" tells too.
      texts.forEach((text, index) => socket.send(text, () => index === texts.length - 1 && resolve()));
      return socket.bufferedAmount > ROOM_BYTES ? promise : undefined;
    },
    end: () => socket.close(GOING_AWAY, "The hub stops; dial again"),
    destroy: () => socket.terminate(),
  };
}

function goneOf(side: ServerResponse | WebSocket): AbortSignal {
  const gone = new AbortController();
  const end = (): void => gone.abort();
  side.once("close", end);
  side.on("error", end);
  if (side instanceof WebSocket ? side.readyState !== WebSocket.OPEN : side.destroyed) end();
  return gone.signal;
}
