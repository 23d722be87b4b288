import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { MAX_EXEC_INPUT_BYTES } from "@fairlead/protocol";
import type { Logger } from "pino";
import { WebSocketServer } from "ws";
import type { EngineConnection } from "../engine/engine-connection.ts";
import type { EnvironmentRecord } from "../environments/record.ts";
import { parseExecQuery } from "./exec-query.ts";
import { TerminalSession } from "./terminal-session.ts";

export interface TerminalEndpointOptions {
  readonly connections: { for(environmentId: number): EngineConnection };
  readonly log: Logger;
}

/** WebSocket close code: the hub is going away. */
const GOING_AWAY = 1001;

/**
 * The terminal of a container over a WebSocket, `/api/v1/environments/{env}/exec?container=…`, for every kind of environment.
 * Binary messages are the terminal's bytes; texts are `ExecControl`. Callers are authenticated already.
 */
export class TerminalEndpoint {
  readonly #connections: TerminalEndpointOptions["connections"];
  readonly #log: Logger;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: MAX_EXEC_INPUT_BYTES,
    // Keystrokes do not compress, and each connection would hold the memory for it.
    perMessageDeflate: false,
  });

  constructor({ connections, log }: TerminalEndpointOptions) {
    this.#connections = connections;
    this.#log = log;
  }

  /**
   * Takes a connection over from the server's `upgrade` event. What fails later is told in an `error` message.
   * @throws FairleadError bad_request before the upgrade, naming the wrong field of the query.
   */
  handleUpgrade(request: IncomingMessage, connection: Duplex, head: Buffer, environment: EnvironmentRecord): void {
    const start = parseExecQuery(request.url ?? "");
    this.#server.handleUpgrade(request, connection, head, (socket) => {
      const session = new TerminalSession(socket, () => this.#connections.for(environment.id));
      session.run(start).catch((error: unknown) => {
        this.#log.error({ err: error, environment: environment.name }, "A terminal failed unexpectedly");
        socket.terminate();
      });
    });
  }

  /** Ends all terminals. */
  stop(): void {
    for (const socket of this.#server.clients) socket.close(GOING_AWAY, "The hub stops");
  }
}
