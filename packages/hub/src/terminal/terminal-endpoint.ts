import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { ERRORS, MAX_EXEC_INPUT_BYTES } from "@fairlead/protocol";
import type { Logger } from "pino";
import { WebSocketServer } from "ws";
import type { AuditedCall } from "../audit/audited-call.ts";
import type { Recordings } from "../audit/recording/recordings.ts";
import type { EngineConnection } from "../engine/engine-connection.ts";
import { hangUpsEnded } from "../engine/hang-up.ts";
import type { EnvironmentRecord } from "../environments/record.ts";
import { parseExecQuery } from "./exec-query.ts";
import { type TerminalOutcome, TerminalSession } from "./terminal-session.ts";

export interface TerminalEndpointOptions {
  readonly connections: { for(environmentId: number): EngineConnection };
  readonly log: Logger;
  /** Absent: nothing is recorded. */
  readonly recordings?: Recordings;
}

/** A browser answers a close at once; the whole stop is to take seconds. */
const CLOSE_TIMEOUT_MS = 1_000;

/** WebSocket close code: the hub is going away. */
const GOING_AWAY = 1001;

/** HTTP status of a terminal that came about. */
const SWITCHING_PROTOCOLS = 101;

/**
 * The terminal of a container over a WebSocket, `/api/v1/environments/{env}/exec?container=…`, for every kind of environment.
 * Binary messages are the terminal's bytes; texts are `ExecControl`. Callers are authenticated already.
 */
export class TerminalEndpoint {
  readonly #connections: TerminalEndpointOptions["connections"];
  readonly #log: Logger;
  readonly #recordings: Recordings | undefined;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: MAX_EXEC_INPUT_BYTES,
    // Keystrokes do not compress, and each connection would hold the memory for it.
    perMessageDeflate: false,
  });

  constructor({ connections, log, recordings }: TerminalEndpointOptions) {
    this.#recordings = recordings;
    this.#connections = connections;
    this.#log = log;
  }

  /**
   * Takes a connection over from the server's `upgrade` event. What fails later is told in an `error` message.
   *
   * @param call Is told what becomes of it; the terminal is recorded under its request's id.
   * @throws FairleadError bad_request before the upgrade, naming the wrong field of the query.
   */
  handleUpgrade(
    request: IncomingMessage,
    connection: Duplex,
    head: Buffer,
    environment: EnvironmentRecord,
    call?: AuditedCall,
  ): void {
    const start = parseExecQuery(request.url ?? "");
    // A handshake that comes to nothing: the caller has left, or speaks no WebSocket.
    const givenUp = (): void => call?.end(undefined);
    if (connection.destroyed) givenUp();
    connection.once("close", givenUp);
    this.#server.handleUpgrade(request, connection, head, (socket) => {
      connection.off("close", givenUp);
      const recording = call && this.#recordings?.open(call.requestId, start);
      call?.add({ ...programOf(start.cmd), ...(recording ? { recording: call.requestId } : {}) });
      call?.started();
      const session = new TerminalSession(socket, () => this.#connections.for(environment.id), recording);
      session
        .run(start)
        .catch((error: unknown): TerminalOutcome => {
          this.#log.error({ err: error, environment: environment.name }, "A terminal failed unexpectedly");
          socket.terminate();
          return { code: "internal" };
        })
        .then((outcome) => call && this.#tell(call, outcome))
        .catch((error: unknown) => this.#log.error({ err: error }, "The end of a terminal could not be told"));
    });
  }

  async #tell(call: AuditedCall, { code, exitCode }: TerminalOutcome): Promise<void> {
    call.add({ ...(exitCode === undefined ? {} : { exitCode }), ...(await this.#recordings?.close(call.requestId)) });
    call.end(code === undefined ? { status: SWITCHING_PROTOCOLS } : { status: ERRORS[code].status, code });
  }

  /** Ends all terminals, and resolves when their shells are hung up, as far as engines answer. */
  async stop(): Promise<void> {
    const closing = [...this.#server.clients].map(async (socket) => {
      const closed = once(socket, "close");
      socket.close(GOING_AWAY, "The hub stops");
      // A browser that does not answer must not keep its shell.
      const late = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS);
      await closed;
      clearTimeout(late);
    });
    await Promise.all(closing);
    await hangUpsEnded();
  }
}

/** The program alone: its arguments may hold secrets, and so may what stands in its place by mistake. */
function programOf(command: string): { program?: string } {
  const program = /^\s*([\w./-]+)(?=\s|$)/.exec(command)?.[1];
  return program === undefined ? {} : { program };
}
