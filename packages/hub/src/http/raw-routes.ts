import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { FairleadError, toFairleadError } from "@fairlead/protocol";
import type { Logger } from "pino";
import type { Authorization } from "../access/authorization.ts";
import type { Caller } from "../access/caller.ts";
import type { LiveConnection, LiveConnections } from "../access/live-connections.ts";
import { demand } from "../access/service.ts";
import type { AuditedCall } from "../audit/audited-call.ts";
import type { AuditedDockerCall } from "../audit/audited-docker-call.ts";
import type { CallAudit } from "../audit/call-audit.ts";
import { actorOf } from "../audit/record.ts";
import { admitDockerCall, admitDockerTakeOver } from "../docker-endpoint/admit-docker-call.ts";
import { type DockerUrl, parseDockerUrl } from "../docker-endpoint/docker-path.ts";
import type { SpliceTap } from "../docker-endpoint/splice.ts";
import type { EnvironmentRecord } from "../environments/record.ts";
import type { Authentication } from "./authentication.ts";
import type { BrowserGuard } from "./browser-guard.ts";
import { answerError, asFairleadError, refuseUpgrade } from "./errors.ts";

/** A call of one environment's Docker Engine API. */
export interface DockerCall {
  readonly environment: EnvironmentRecord;
  /** As the engine knows it, with its query: `/v1.45/containers/json?all=1`. */
  readonly path: string;
  /** Of a terminal that is recorded. */
  readonly tap?: SpliceTap | undefined;
}

/**
 * The Docker endpoint, on requests as Node gives them: nothing between may buffer, time out or parse.
 * Of a request with `Expect: 100-continue` nothing is answered yet.
 */
export interface DockerRoute {
  handle(request: IncomingMessage, response: ServerResponse, call: DockerCall): Promise<void> | void;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, call: DockerCall): Promise<void> | void;
}

/** Where agents dial: they show their token in the first message. */
export interface AgentRoute {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** The terminal WebSocket. */
export interface TerminalRoute {
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    environment: EnvironmentRecord,
    call: AuditedCall,
  ): Promise<void> | void;
}

/** The log WebSocket. */
export interface LogsRoute {
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    environment: EnvironmentRecord,
    caller: Caller,
  ): void;
}

/** The WebSocket with containers' figures. */
export interface StatsRoute {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, caller: Caller): void;
}

/** The live stream as a WebSocket. */
export interface StreamRoute {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, caller: Caller): Promise<void>;
}

export interface RawRoutesOptions {
  readonly authentication: Authentication;
  readonly browsers: BrowserGuard;
  readonly authorization: Authorization;
  readonly live: LiveConnections;
  readonly audit: CallAudit;
  readonly agents: AgentRoute;
  readonly docker: DockerRoute;
  readonly terminal: TerminalRoute;
  readonly logs: LogsRoute;
  readonly stats: StatsRoute;
  readonly stream: StreamRoute;
  readonly log: Logger;
}

/** The first is the one that deployed agents use. */
const AGENT_PATHS: ReadonlySet<string> = new Set(["/api/hawser/connect", "/api/v1/agents/connect"]);
const STREAM_PATH = "/api/v1/stream";
const TERMINAL_PATH = /^\/api\/v1\/environments\/([^/]+)\/exec$/;
const STATS_PATH = "/api/v1/container-stats";
const LOGS_PATH = /^\/api\/v1\/environments\/([^/]+)\/logs$/;

/** What is served before Fastify: Docker endpoints whole, and every connection that leaves HTTP. */
export class RawRoutes {
  readonly #options: RawRoutesOptions;

  constructor(options: RawRoutesOptions) {
    this.#options = options;
  }

  /** False when the request is not for here. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean {
    const url = parseDockerUrl(request.url ?? "");
    if (!url) return false;
    const { audit, docker, log } = this.#options;
    const call = audit.begin(request, url.path);
    if (call) audit.follow(call, response);
    const serve = async (): Promise<void> => {
      const { live, environment } = await this.#whoAndWhere(request, url, response, call);
      const admitted = await admitDockerCall(live.caller, environment, request, response, url.path);
      live.right = { permission: admitted.permission, environmentId: environment.id };
      if (call) audit.admitted(call, environment);
      await docker.handle(admitted.request, response, { environment, path: url.path });
    };
    serve().catch((error: unknown) => answerError(response, asFairleadError(error, log)));
    return true;
  }

  /** For the server's `upgrade` event: every upgrade ends here. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    try {
      this.#options.browsers.checkUpgrade(request);
    } catch (error) {
      refuseUpgrade(socket, asFairleadError(error, this.#options.log));
      return;
    }
    if (AGENT_PATHS.has(path)) {
      this.#options.agents.handleUpgrade(request, socket, head);
      return;
    }
    // A socket that breaks while its token is looked up must not end the process.
    socket.on("error", () => socket.destroy());
    this.#upgrade(request, socket, head, path).catch((error: unknown) => {
      refuseUpgrade(socket, asFairleadError(error, this.#options.log));
    });
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, path: string): Promise<void> {
    const { audit, docker } = this.#options;
    const terminalOf = TERMINAL_PATH.exec(path)?.[1];
    if (terminalOf !== undefined) {
      await this.#openTerminal(request, socket, head, decoded(terminalOf));
      return;
    }
    const logsOf = LOGS_PATH.exec(path)?.[1];
    if (logsOf !== undefined) {
      await this.#openLogs(request, socket, head, decoded(logsOf));
      return;
    }
    if (path === STATS_PATH) {
      const caller = await this.#options.authentication.identify(request, "query-token");
      this.#endWithRight(caller, request, socket);
      this.#options.stats.handleUpgrade(request, socket, head, caller);
      return;
    }
    if (path === STREAM_PATH) {
      const caller = await this.#options.authentication.identify(request, "query-token");
      // It dials again, and resumes with the rights of then.
      this.#endWithRight(caller, request, socket);
      await this.#options.stream.handleUpgrade(request, socket, head, caller);
      return;
    }
    const url = parseDockerUrl(request.url ?? "");
    if (!url) {
      await this.#options.authentication.identify(request);
      throw new FairleadError("not_found", `There is nothing to upgrade to at ${path}.`);
    }
    const call = audit.begin(request, url.path);
    if (call) audit.followUpgrade(call, socket);
    const { live, environment } = await this.#whoAndWhere(request, url, socket, call);
    const permission = admitDockerTakeOver(live.caller, environment, request.method ?? "", url.path);
    live.right = { permission, environmentId: environment.id };
    const tap = call && (await audit.admittedUpgrade(call, environment));
    await docker.handleUpgrade(request, socket, head, { environment, path: url.path, tap });
  }

  async #openTerminal(request: IncomingMessage, socket: Duplex, head: Buffer, idOrName: string): Promise<void> {
    const { authentication, authorization, audit, terminal } = this.#options;
    const call = audit.beginTerminal(request);
    try {
      const caller = await authentication.identify(request, "query-token");
      const live = this.#endWithRight(caller, request, socket);
      call.actor = actorOf(caller);
      const permission = "container.exec";
      const environment = await authorization.reachable(caller, idOrName);
      call.environment = environment;
      demand(caller, permission, environment);
      live.right = { permission, environmentId: environment.id };
      await terminal.handleUpgrade(request, socket, head, environment, call);
    } catch (error) {
      call.end(toFairleadError(error));
      throw error;
    }
  }

  /** Reading changes nothing: there is nothing to tell the audit log. */
  async #openLogs(request: IncomingMessage, socket: Duplex, head: Buffer, idOrName: string): Promise<void> {
    const { authentication, authorization, logs } = this.#options;
    const caller = await authentication.identify(request, "query-token");
    const live = this.#endWithRight(caller, request, socket);
    const permission = "container.logs";
    const environment = await authorization.environment(caller, permission, idOrName);
    live.right = { permission, environmentId: environment.id };
    logs.handleUpgrade(request, socket, head, environment, caller);
  }

  /**
   * From here on the call ends with its caller's rights, also while its body is waited for.
   *
   * @param end closes when the call has ended by itself.
   * @param call is told who and where.
   * @throws FairleadError unauthenticated, rate_limited, not_found.
   */
  async #whoAndWhere(
    request: IncomingMessage,
    { environment: idOrName }: DockerUrl,
    end: ServerResponse | Duplex,
    call: AuditedDockerCall | undefined,
  ): Promise<{ live: LiveConnection; environment: EnvironmentRecord }> {
    const { authentication, authorization, browsers } = this.#options;
    const caller = await authentication.identify(request);
    const live = this.#endWithRight(caller, request, end);
    if (call) call.actor = actorOf(caller);
    if (caller.kind === "person" && request.headers.upgrade === undefined) browsers.refusePage(request);
    const environment = await authorization.reachable(caller, idOrName);
    if (call) call.environment = environment;
    return { live, environment };
  }

  /** @param end closes when it has ended by itself. @returns To be told the right that it rests on. */
  #endWithRight(caller: Caller, { socket }: IncomingMessage, end: ServerResponse | Duplex): LiveConnection {
    // The connection, not the answer: an answer that ends early could be taken for a whole one.
    const live: LiveConnection = { caller, close: () => socket.destroy() };
    // One that has closed already would never say so.
    if (!end.destroyed) end.once("close", this.#options.live.add(live));
    return live;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new FairleadError("bad_request", `${part} in the path is not valid percent-encoding.`, {
      details: { field: "path" },
    });
  }
}
