import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { LegacyHubConnection } from "./legacy-hub-connection.ts";
import { waitFor } from "./wait-for.ts";
import type { WireMessage } from "./wire-connection.ts";

/** Ways in which hubs in the field differ from the reference. All off by default. */
export interface LegacyHubDialect {
  /** Sends `welcome` with `serverId` and `version` instead of `environmentId`. */
  welcomeWithServerId?: boolean;
  /** Puts the text of an `error` into `message` instead of `error`. */
  errorTextInMessage?: boolean;
  /** Adds `retryAfter` (seconds) to the `error` that refuses an agent. */
  retryAfter?: number;
  /** Pings this often, with milliseconds in `timestamp`: hubs in the field use 5,000. */
  pingIntervalMs?: number;
  /** Sends messages of types that nobody knows after the welcome, and unknown fields in every message. */
  unknownTypesAndFields?: boolean;
}

export interface LegacyHubOptions {
  /** The token that agents must show. Default: random. */
  token?: string;
  /** Default 1. */
  environmentId?: number;
  dialect?: LegacyHubDialect;
  /** False: never answers a hello. Default true. */
  welcome?: boolean;
  /** Text of the `error` that every hello gets from now on; see also `LegacyHub.refusal`. */
  refusal?: string;
  /** False: does not answer the agent's pings. Default true. */
  answerPings?: boolean;
  /** Closes (1001 `Connection timeout`) an agent that says nothing for this long. Default 90,000, as deployed. */
  silenceLimitMs?: number;
  /** Serves `wss` with this certificate. */
  tls?: { cert: string | Buffer; key: string | Buffer };
}

/** The path that deployed agents dial. */
const CONNECT_PATH = "/api/hawser/connect";
const SILENCE_LIMIT_MS = 90_000;
/** Responses carry whole bodies in 1.0. */
const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;

/**
 * Starts a 1.0 hub, written from the protocol's reference alone, on a free port of 127.0.0.1.
 *
 * @example
 * await using hub = await startLegacyHub({ dialect: { welcomeWithServerId: true } });
 * await using agent = await startAgent({ serverUrl: hub.url, token: hub.token, dockerSocket: dockerd.socketPath });
 * const connection = await hub.waitForAgent();
 * const answer = await connection.request("GET", "/version");
 */
export async function startLegacyHub(options: LegacyHubOptions = {}): Promise<LegacyHub> {
  const hub = new LegacyHub(options);
  await hub.listen();
  return hub;
}

/** See {@link startLegacyHub}. */
export class LegacyHub implements AsyncDisposable {
  token: string;
  /** When set, every hello is answered with an `error` with this text, and 1008. */
  refusal: string | undefined;
  /** When set, every dial is answered with this HTTP status instead of an upgrade, as by a proxy without a hub behind it. */
  upgradeStatus: number | undefined;
  /** All connections since the start, oldest first; the closed ones too. */
  readonly connections: LegacyHubConnection[] = [];
  readonly #options: LegacyHubOptions;
  readonly #dialect: LegacyHubDialect;
  readonly #http: Server;
  readonly #webSockets: WebSocketServer;
  #port = 0;

  /** @internal Use {@link startLegacyHub}. */
  constructor(options: LegacyHubOptions) {
    this.#options = options;
    this.#dialect = options.dialect ?? {};
    this.token = options.token ?? randomBytes(32).toString("hex");
    this.refusal = options.refusal;
    this.#http = options.tls ? createHttpsServer(options.tls) : createHttpServer();
    this.#http.on("request", (_request, response) => response.writeHead(404).end());
    this.#webSockets = new WebSocketServer({
      server: this.#http,
      path: CONNECT_PATH,
      maxPayload: MAX_MESSAGE_BYTES,
      verifyClient: (_info, decide) => decide(this.upgradeStatus === undefined, this.upgradeStatus),
    });
    this.#webSockets.on("connection", (socket) => {
      const connection = new LegacyHubConnection(socket, (from, message) => this.#receive(from, message));
      if (this.#dialect.unknownTypesAndFields) connection.extraFields = { xUnknown: { nested: [1, null] } };
      this.connections.push(connection);
      this.#watch(connection);
    });
  }

  /** Where agents dial: `ws://127.0.0.1:PORT/api/hawser/connect`; `wss://localhost:…` with `tls`. */
  get url(): string {
    const origin = this.#options.tls ? "wss://localhost" : "ws://127.0.0.1";
    return `${origin}:${this.port}${CONNECT_PATH}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Begins to listen; after `goAway`, on the same port again. */
  async listen(): Promise<void> {
    this.#http.listen(this.#port, "127.0.0.1");
    await once(this.#http, "listening");
    this.#port = (this.#http.address() as AddressInfo).port;
  }

  /** Stops listening and drops all connections without a close message, as a hub that was killed. */
  async goAway(): Promise<void> {
    for (const connection of this.connections) connection.terminate();
    if (!this.#http.listening) return;
    this.#http.close();
    this.#http.closeAllConnections();
    await once(this.#http, "close");
  }

  /**
   * Waits for a welcomed agent that is still connected.
   *
   * @param after Only connections from this index of `connections` on count, to wait for one that dials again.
   */
  waitForAgent(after = 0, timeoutMs?: number): Promise<LegacyHubConnection> {
    return waitFor(() => this.connections.slice(after).find(({ isWelcomed, isOpen }) => isWelcomed && isOpen), {
      what: () =>
        `an agent to connect (connections so far: ${JSON.stringify(this.connections.map((c) => c.closeInfo ?? "open"))})`,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  }

  async stop(): Promise<void> {
    await this.goAway();
    this.#webSockets.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #receive(connection: LegacyHubConnection, message: WireMessage): void {
    const { type } = message;
    if (connection.hello === undefined) {
      connection.hello = message;
      if (type !== "hello") this.#refuse(connection, "Expected hello");
      else if (this.refusal !== undefined) this.#refuse(connection, this.refusal);
      else if (message["token"] !== this.token) this.#refuse(connection, "Invalid token");
      else if (this.#options.welcome !== false) this.#welcome(connection);
    } else if (type === "ping" && this.#options.answerPings !== false) {
      connection.send({ type: "pong", timestamp: message["timestamp"] });
    }
  }

  #welcome(connection: LegacyHubConnection): void {
    const identity = this.#dialect.welcomeWithServerId
      ? { serverId: "legacy-hub", version: "1.0.5" }
      : { environmentId: this.#options.environmentId ?? 1 };
    connection.send({ type: "welcome", ...identity, message: "welcome" });
    connection.isWelcomed = true;
    if (this.#dialect.unknownTypesAndFields) {
      connection.send({ type: "settings_push", settings: {} });
      connection.send({ type: "x-from-the-future", requestId: "none", data: 1 });
    }
  }

  #refuse(connection: LegacyHubConnection, text: string): void {
    const { retryAfter, errorTextInMessage } = this.#dialect;
    connection.send({
      type: "error",
      ...(errorTextInMessage ? { message: text } : { error: text }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    });
    connection.close(1008, text);
  }

  /** Pings, and closes when nothing comes. */
  #watch(connection: LegacyHubConnection): void {
    const { pingIntervalMs } = this.#dialect;
    const pings =
      pingIntervalMs === undefined
        ? undefined
        : setInterval(() => {
            if (connection.isWelcomed) connection.send({ type: "ping", timestamp: Date.now() });
          }, pingIntervalMs);
    const silence = setTimeout(
      () => connection.close(1001, "Connection timeout"),
      this.#options.silenceLimitMs ?? SILENCE_LIMIT_MS,
    );
    connection.socket.on("message", () => silence.refresh());
    void connection.closed.then(() => {
      clearInterval(pings);
      clearTimeout(silence);
    });
  }
}
