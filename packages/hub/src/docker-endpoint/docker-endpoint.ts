import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { FairleadError } from "@fairlead/protocol";
import type { Logger } from "pino";
import type { EngineConnections } from "../engine/engine-connections.ts";
import type { EnvironmentRecord } from "../environments/record.ts";
import type { AgentSession } from "../link/agent-session.ts";
import { carryCall } from "./carry-call.ts";
import { carryEdgeCall } from "./carry-edge.ts";
import { carryEdgeTakeOver } from "./carry-edge-take-over.ts";
import { carryStreamCall } from "./carry-stream-call.ts";
import { carryStreamTakeOver } from "./carry-stream-take-over.ts";
import { carryTakeOver } from "./carry-take-over.ts";
import { refuseTakeOver, sendDockerError } from "./docker-error.ts";
import { admitPath } from "./docker-path.ts";
import { HeldBodies } from "./edge-body.ts";
import type { SpliceTap } from "./splice.ts";

export interface DockerEndpointOptions {
  readonly connections: EngineConnections;
  readonly log: Logger;
  /** Told when a call was answered as if the engine or the way to it had failed. */
  readonly onFailure?: (environmentId: number) => void;
}

/** Bad gateway, unavailable, timeout: answers that say something about the engine, or the way to it, and not about the call. */
const FAILURES = new Set([502, 503, 504]);

/** Which engine is asked what: `parseDockerUrl` has the path. */
export interface DockerTarget {
  readonly environment: EnvironmentRecord;
  readonly path: string;
  /** Of a terminal that is recorded. */
  readonly tap?: SpliceTap | undefined;
}

/**
 * Every environment's Docker Engine API, as if its socket were here: `/api/v1/environments/{env}/docker/…`.
 *
 * The server must be made with `HubIncomingMessage`, and hand over requests as they are: their bodies unread, the
 * `checkContinue` ones too (without a `writeContinue`; the endpoint passes on the engine's). Callers are authenticated already.
 */
export class DockerEndpoint {
  readonly #connections: EngineConnections;
  readonly #log: Logger;
  readonly #onFailure: DockerEndpointOptions["onFailure"];
  readonly #bodies = new HeldBodies();

  constructor({ connections, log, onFailure }: DockerEndpointOptions) {
    this.#connections = connections;
    this.#log = log;
    this.#onFailure = onFailure;
  }

  /** Carries an ordinary call. Never throws: what goes wrong is the answer, `{"message": "…"}` as Docker has it. */
  handle(request: IncomingMessage, response: ServerResponse, { environment, path }: DockerTarget): void {
    if (response.destroyed) return;
    response.once("close", () => {
      if (FAILURES.has(response.statusCode)) this.#onFailure?.(environment.id);
    });
    try {
      admitPath(path);
      if (environment.kind !== "edge") {
        carryCall(this.#connections.dialled(environment), request, response, path);
        return;
      }
      this.#carryEdge(request, response, environment, path).catch((error: unknown) => {
        if (error instanceof FairleadError) sendDockerError(request, response, error);
        else this.#defect(error, environment, path);
      });
    } catch (error) {
      sendDockerError(request, response, error);
    }
  }

  /**
   * Carries a call whose connection becomes a two-way stream, from the server's `upgrade` event. Never throws.
   *
   * @param head The event's third argument.
   */
  handleUpgrade(request: IncomingMessage, connection: Duplex, head: Buffer, target: DockerTarget): void {
    const { environment, path, tap } = target;
    const caller = connection as Socket;
    if (caller.destroyed) return;
    try {
      admitPath(path);
      const carried =
        environment.kind === "edge"
          ? this.#takeOverEdge(target, request, caller, head)
          : carryTakeOver(this.#connections.dialled(environment), request, caller, head, path, tap);
      carried.catch((error: unknown) => {
        caller.destroy();
        this.#defect(error, environment, path);
      });
    } catch (error) {
      refuseTakeOver(request, caller, error);
    }
  }

  async #carryEdge(
    request: IncomingMessage,
    response: ServerResponse,
    environment: EnvironmentRecord,
    path: string,
  ): Promise<void> {
    const agent = await this.#connections.returningSession(environment);
    if (response.destroyed) return;
    if (agent.streams) carryStreamCall(agent.streams, request, response, path);
    else await carryEdgeCall({ agent, name: environment.name, bodies: this.#bodies }, request, response, path);
  }

  async #takeOverEdge(
    { environment, path, tap }: DockerTarget,
    request: IncomingMessage,
    caller: Socket,
    head: Buffer,
  ): Promise<void> {
    let agent: AgentSession;
    try {
      agent = await this.#connections.returningSession(environment);
    } catch (error) {
      refuseTakeOver(request, caller, error);
      return;
    }
    if (caller.destroyed) return;
    if (agent.streams) await carryStreamTakeOver(agent.streams, request, caller, head, path, tap);
    else await carryEdgeTakeOver(agent, environment.name, request, caller, head, path);
  }

  #defect(error: unknown, environment: EnvironmentRecord, path: string): void {
    const bare = path.split("?", 1)[0];
    this.#log.error({ err: error, environment: environment.name, path: bare }, "A Docker call failed unexpectedly");
  }
}
