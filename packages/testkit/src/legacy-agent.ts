import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { cpus, freemem, hostname, totalmem, uptime } from "node:os";
import { createInterface } from "node:readline";
import { type ClientOptions, WebSocket } from "ws";
import { LegacyExecs } from "./legacy-agent-exec.ts";
import { type LegacyComposeAnswer, LegacyRequests } from "./legacy-agent-requests.ts";
import { callEngine, type LegacyAnswer } from "./legacy-engine.ts";
import { WireConnection, type WireMessage } from "./wire-connection.ts";

/** Ways in which agents in the field differ from the reference. All off by default, unless said otherwise. */
export interface LegacyAgentDialect {
  /** Leaves `diskTotal`, `diskUsed` and `diskFree` out of the metrics. */
  metricsWithoutDisk?: boolean;
  /** Takes a new `agentId` at every dial, as agents without a data folder do. */
  freshAgentId?: boolean;
  /** Sends `stream` and `stream_end` for a streaming request that Docker refused, the error as data (default true, as deployed); false: a `response` first. */
  streamErrorsAsData?: boolean;
  /** Sends messages of types that nobody knows after the welcome, and unknown fields in every message. */
  unknownTypesAndFields?: boolean;
  /** Does not answer the hub's pings. */
  ignorePings?: boolean;
}

export interface LegacyAgentOptions {
  /** Where to dial, for example `ws://127.0.0.1:8375/api/hawser/connect`; `http` is taken as `ws`. */
  url: string;
  token: string;
  /** Fields of the hello that differ: `{ capabilities: null }`, `{ agentId: "a-1" }`; `undefined` leaves a field out. */
  hello?: WireMessage;
  /** The Docker socket that requests, execs and events go to. */
  dockerSocket?: string;
  /** Answers a request instead of Docker; undefined passes it on. */
  handler?: (request: WireMessage) => LegacyAnswer | undefined | Promise<LegacyAnswer | undefined>;
  /** Answers `/_hawser/compose`. Default: success without output. */
  compose?: (operation: WireMessage) => LegacyComposeAnswer | Promise<LegacyComposeAnswer>;
  dialect?: LegacyAgentDialect;
  /** Default 30,000, as deployed; 0: none. */
  pingIntervalMs?: number;
  /** First metrics this long after the welcome, and again as often. Default 30,000, as deployed; 0: none. */
  metricsIntervalMs?: number;
  /** False: sends no hello by itself, for tests of what comes before it. Default true. */
  sendHello?: boolean;
  /** Options of the WebSocket client: `ca`, `headers`, … */
  socketOptions?: ClientOptions;
}

const DEFAULT_INTERVAL_MS = 30_000;
const REPORTED_ACTIONS = new Set(
  "create start stop die kill restart pause unpause destroy rename update oom health_status".split(" "),
);

/**
 * Starts a 1.0 agent, written from the protocol's reference alone, and waits until its connection is open (not: welcomed).
 *
 * @example
 * await using agent = await startLegacyAgent({ url: hub.url + "/api/hawser/connect", token, dockerSocket: dockerd.socketPath });
 * const welcome = await agent.welcomed();
 * @throws Error when the dial fails; with the HTTP status when the hub refused the upgrade.
 */
export async function startLegacyAgent(options: LegacyAgentOptions): Promise<LegacyAgent> {
  const agent = new LegacyAgent(options);
  await agent.dial();
  return agent;
}

/** See {@link startLegacyAgent}. */
export class LegacyAgent implements AsyncDisposable {
  agentId: string = randomUUID();
  readonly #options: LegacyAgentOptions;
  readonly #dialect: LegacyAgentDialect;
  #connection: WireConnection | undefined;
  #requests: LegacyRequests | undefined;
  #execs: LegacyExecs | undefined;
  #timers: NodeJS.Timeout[] = [];
  #events: AbortController | undefined;

  /** @internal Use {@link startLegacyAgent}. */
  constructor(options: LegacyAgentOptions) {
    this.#options = options;
    this.#dialect = options.dialect ?? {};
  }

  /** The current connection: everything sent and received on it, raw sending, closing. */
  get connection(): WireConnection {
    if (!this.#connection) throw new Error("This agent has not dialled");
    return this.#connection;
  }

  /** Streams and execs open now. */
  get open(): { streams: number; execs: number } {
    return { streams: this.#requests?.openStreams ?? 0, execs: this.#execs?.openCount ?? 0 };
  }

  /** Dials (again): a new connection and, unless `sendHello` is false, a hello. The earlier connection stays as it is. */
  async dial(): Promise<void> {
    this.#endWork();
    if (this.#dialect.freshAgentId) this.agentId = randomUUID();
    const socket = new WebSocket(this.#options.url.replace(/^http/, "ws"), {
      // As deployed, and cheaper where thousands run in one process.
      perMessageDeflate: false,
      ...this.#options.socketOptions,
    });
    const connection = new WireConnection(socket, "agent", (message) => this.#receive(connection, message));
    if (this.#dialect.unknownTypesAndFields) connection.extraFields = { xUnknown: { nested: [1, null] } };
    const { dockerSocket, handler } = this.#options;
    this.#connection = connection;
    this.#requests = new LegacyRequests(connection, {
      dockerSocket,
      handler,
      compose: this.#options.compose ?? (() => ({ result: { success: true, output: "", exitCode: 0 } })),
      streamErrorsAsData: this.#dialect.streamErrorsAsData ?? true,
    });
    this.#execs = new LegacyExecs(connection, dockerSocket);
    void connection.closed.then(() => {
      if (this.#connection === connection) this.#endWork();
    });
    await once(socket, "open");
    if (this.#options.sendHello !== false) this.sendHello();
  }

  /** The hello as it would be sent, with the overrides of the options. */
  hello(): WireMessage {
    return {
      type: "hello",
      version: "0.2.3",
      protocol: "1.0",
      agentId: this.agentId,
      agentName: hostname(),
      token: this.#options.token,
      dockerVersion: "26.1.5",
      hostname: hostname(),
      capabilities: ["exec", "metrics", "events", "compose"],
      ...this.#options.hello,
    };
  }

  sendHello(): void {
    this.connection.send(this.hello());
  }

  /** Waits for the hub's welcome. @throws Error that says what came instead. */
  welcomed(timeoutMs?: number): Promise<WireMessage> {
    return this.connection.waitForMessage("welcome", undefined, timeoutMs);
  }

  /** Sends a `container_event`; fields not given are made up. */
  sendEvent(event: WireMessage): void {
    this.connection.send({
      type: "container_event",
      event: { containerId: "c0ffee", action: "start", timestamp: new Date().toISOString(), ...event },
    });
  }

  /** Sends `metrics`; figures not given are those of this machine. */
  sendMetrics(figures: WireMessage = {}, timestamp: number = unixSeconds()): void {
    const disk = { diskTotal: 100e9, diskUsed: 40e9, diskFree: 60e9 };
    const metrics = {
      cpuUsage: 12.5,
      cpuCores: cpus().length,
      memoryTotal: totalmem(),
      memoryUsed: totalmem() - freemem(),
      memoryFree: freemem(),
      ...(this.#dialect.metricsWithoutDisk ? {} : disk),
      networkRxBytes: 1_000_000,
      networkTxBytes: 2_000_000,
      uptime: Math.floor(uptime()),
      ...figures,
    };
    this.connection.send({ type: "metrics", timestamp, metrics });
  }

  /** Neither reads nor sends anything from now on, but keeps the connection: as if the machine lost its power. */
  goHalfOpen(): void {
    this.#endWork();
    this.connection.goHalfOpen();
  }

  /** Closes in order (1000) and waits; a peer that does not answer the close is dropped. */
  async stop(): Promise<void> {
    this.#endWork();
    if (!this.#connection) return;
    if (this.connection.isHalfOpen) this.connection.terminate();
    else this.connection.close(1000, "agent stopped");
    const timer = setTimeout(() => this.connection.terminate(), 1_000);
    await this.connection.closed;
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #receive(connection: WireConnection, message: WireMessage): void {
    if (connection !== this.#connection) return;
    switch (message["type"]) {
      case "welcome":
        return this.#begin();
      case "ping":
        if (!this.#dialect.ignorePings) connection.send({ type: "pong", timestamp: message["timestamp"] });
        return;
      case "request":
        void this.#requests?.request(message);
        return;
      case "stream_end":
        return this.#requests?.cancel(String(message["requestId"]));
      case "exec_start":
      case "exec_input":
      case "exec_resize":
      case "exec_end":
        return this.#execs?.handle(message);
      default:
      // The other types need no answer, and unknown ones are ignored.
    }
  }

  #begin(): void {
    const {
      pingIntervalMs = DEFAULT_INTERVAL_MS,
      metricsIntervalMs = DEFAULT_INTERVAL_MS,
      dockerSocket,
    } = this.#options;
    if (pingIntervalMs > 0) {
      this.#every(pingIntervalMs, () => this.connection.send({ type: "ping", timestamp: unixSeconds() }));
    }
    if (metricsIntervalMs > 0) this.#every(metricsIntervalMs, () => this.sendMetrics());
    if (this.#dialect.unknownTypesAndFields) {
      this.connection.send({ type: "inventory_sync", items: [] });
      this.connection.send({ type: "x-from-the-future", requestId: "none", data: 1 });
    }
    if (dockerSocket !== undefined) void this.#followEvents(dockerSocket);
  }

  #every(ms: number, action: () => void): void {
    this.#timers.push(setInterval(action, ms));
  }

  async #followEvents(dockerSocket: string): Promise<void> {
    const abort = new AbortController();
    this.#events = abort;
    const path = `/events?filters=${encodeURIComponent('{"type":["container"]}')}`;
    try {
      const answer = await callEngine(dockerSocket, { method: "GET", path }, abort.signal);
      answer.on("error", () => {});
      for await (const line of createInterface({ input: answer })) this.#forwardEvent(JSON.parse(line) as DockerEvent);
    } catch {
      // Docker went away, or this agent stops: a 1.0 agent reports no more events until it dials again.
    }
  }

  #forwardEvent({ Action, Actor, timeNano }: DockerEvent): void {
    const action = Action.split(":")[0] ?? "";
    if (!REPORTED_ACTIONS.has(action)) return;
    const attributes = Actor.Attributes ?? {};
    this.sendEvent({
      containerId: Actor.ID,
      ...(attributes["name"] === undefined ? {} : { containerName: attributes["name"] }),
      ...(attributes["image"] === undefined ? {} : { image: attributes["image"] }),
      action,
      actorAttributes: attributes,
      timestamp: new Date(timeNano / 1e6).toISOString(),
    });
  }

  #endWork(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    this.#events?.abort();
    this.#requests?.cancelAll();
    this.#execs?.endAll();
  }
}

interface DockerEvent {
  Action: string;
  Actor: { ID: string; Attributes?: Record<string, string> };
  timeNano: number;
}

function unixSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}
