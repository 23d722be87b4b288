import { type ApplyMask, WebSocketSplitter } from "./websocket-frames.ts";

type Listener = (bytes: Uint8Array) => void;

/** The connection below a WebSocket, for reading; Node's sockets fit. */
export interface ReadableConnection {
  listeners(event: "data"): readonly unknown[];
  on(event: "data", listener: Listener): unknown;
  off(event: "data", listener: Listener): unknown;
  resume(): unknown;
}

/** The WebSocket of a library that reads its connection by a `data` listener; ws fits. */
export interface LibraryWebSocket {
  once(event: "error", listener: () => void): unknown;
}

export interface DivertOptions {
  /** Peers mask what they send: true at a server. */
  readonly isMasked: boolean;
  readonly applyMask: ApplyMask;
  /** A piece of a binary message. */
  readonly binary: (piece: Uint8Array, isLast: boolean) => void;
}

/**
 * Takes whole binary messages off a connection before the WebSocket library sees them: it would collect and copy each one. All other bytes
 * go on to the library as they came. Must be called in the turn in which the WebSocket opened, before anything was read.
 */
export function divertBinary(connection: ReadableConnection, library: LibraryWebSocket, options: DivertOptions): void {
  const [toLibrary] = connection.listeners("data") as Listener[];
  if (toLibrary === undefined) throw new Error("the WebSocket library does not listen for data");
  let isDone = false;
  const splitter = new WebSocketSplitter(
    {
      binary: options.binary,
      other: (bytes) => {
        if (!isDone) toLibrary.call(connection, bytes);
      },
    },
    options.isMasked,
    options.applyMask,
  );
  // The library reads no more then, and what comes until the close is to be thrown away.
  library.once("error", () => {
    isDone = true;
    connection.resume();
  });
  connection.off("data", toLibrary);
  connection.on("data", (bytes) => splitter.push(bytes));
}
