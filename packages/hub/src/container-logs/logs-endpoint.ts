import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Caller } from "../access/caller.ts";
import { CallerSlots } from "../access/caller-slots.ts";
import type { EngineConnection } from "../engine/engine-connection.ts";
import type { EnvironmentRecord } from "../environments/record.ts";
import { parseLogsQuery } from "./logs-query.ts";
import { LogsSession } from "./logs-session.ts";

export interface LogsEndpointOptions {
  readonly connections: { for(environmentId: number): EngineConnection };
  readonly slots?: CallerSlots;
}

/** WebSocket close code: the hub is going away. */
const GOING_AWAY = 1001;

/** Nothing is expected from the browser. */
const MAX_INPUT_BYTES = 1024;

/** A page shows some dozen logs at once, a few tabs of it some more. All together, each with 256 KiB before it, stay below 1 GiB. */
const SLOTS = { what: "logs", perCaller: 200, total: 2_000 } as const;

/**
 * The log of a container over a WebSocket, `/api/v1/environments/{env}/logs?container=…`, for every kind of environment: browsers
 * allow six HTTP/1.1 connections a host, but many WebSockets. Callers are authenticated already. See `LogsQuerySchema`.
 */
export class LogsEndpoint {
  readonly #connections: LogsEndpointOptions["connections"];
  readonly #slots: CallerSlots;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: MAX_INPUT_BYTES,
    // Each connection would hold the memory for it.
    perMessageDeflate: false,
  });

  constructor({ connections, slots = new CallerSlots(SLOTS) }: LogsEndpointOptions) {
    this.#connections = connections;
    this.#slots = slots;
  }

  /**
   * Takes a connection over from the server's `upgrade` event. What fails later is told in an `error` message.
   *
   * @throws FairleadError bad_request before the upgrade, naming the wrong field of the query.
   */
  handleUpgrade(
    request: IncomingMessage,
    connection: Duplex,
    head: Buffer,
    environment: EnvironmentRecord,
    caller: Caller,
  ): void {
    const start = parseLogsQuery(request.url ?? "");
    this.#server.handleUpgrade(request, connection, head, (socket) => {
      socket.on("error", () => {});
      const session = new LogsSession(socket, () => this.#connections.for(environment.id));
      try {
        // Told in the socket: a page cannot read why an upgrade was refused.
        socket.once("close", this.#slots.take(caller));
      } catch (error) {
        session.fail(error);
        return;
      }
      void session.run(start);
    });
  }

  /** Logs open now. */
  get open(): number {
    return this.#slots.taken;
  }

  /** Ends all logs. */
  stop(): void {
    for (const socket of this.#server.clients) socket.close(GOING_AWAY, "The hub stops");
  }
}
