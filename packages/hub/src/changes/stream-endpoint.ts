import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Authorization } from "../access/authorization.ts";
import type { Caller } from "../access/caller.ts";
import type { ChangeFeed } from "./change-feed.ts";
import { sendChanges } from "./change-reader.ts";
import { webSocketSink } from "./change-sink.ts";
import { streamSelection } from "./stream-query.ts";
import type { StreamReaders } from "./stream-readers.ts";

export interface StreamEndpointOptions {
  readonly feed: ChangeFeed;
  readonly authorization: Authorization;
  readonly readers: StreamReaders;
  readonly heartbeatMs?: number;
  readonly stallMs?: number;
}

/** Readers have nothing to say. */
const MAX_MESSAGE_BYTES = 1024;

/** `/api/v1/stream` as a WebSocket. Callers are authenticated already. */
export class StreamEndpoint {
  readonly #options: StreamEndpointOptions;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    // Each connection would hold the memory for it.
    perMessageDeflate: false,
  });

  constructor(options: StreamEndpointOptions) {
    this.#options = options;
  }

  /**
   * Takes a connection over from the server's `upgrade` event.
   *
   * @throws FairleadError before the upgrade: as server-sent events do, and too_many_requests.
   */
  async handleUpgrade(request: IncomingMessage, connection: Duplex, head: Buffer, caller: Caller): Promise<void> {
    const { feed, authorization, readers, heartbeatMs, stallMs } = this.#options;
    const selection = await streamSelection(caller, queryOf(request), authorization);
    readers.check(caller);
    this.#server.handleUpgrade(request, connection, head, (socket) => {
      socket.on("message", () => {});
      void readers.serve(caller, (signal) =>
        sendChanges(
          {
            feed,
            sink: webSocketSink(socket),
            ...selection,
            ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
            ...(stallMs === undefined ? {} : { stallMs }),
          },
          signal,
        ),
      );
    });
  }
}

function queryOf({ url = "" }: IncomingMessage): { topics?: string; environment?: string; lastEventId?: string } {
  const query = new URLSearchParams(url.slice(url.includes("?") ? url.indexOf("?") : url.length));
  const given = ["topics", "environment", "lastEventId"].flatMap((name) => {
    const value = query.get(name);
    return value === null ? [] : [[name, value]];
  });
  return Object.fromEntries(given) as ReturnType<typeof queryOf>;
}
