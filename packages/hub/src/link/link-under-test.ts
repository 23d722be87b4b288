import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ContainerEvent, HostMetrics } from "@fairlead/protocol";
import { type Logger, pino } from "pino";
import { type ClientOptions, WebSocket } from "ws";
import type { EngineStream, Terminal } from "../engine/engine-connection.ts";
import { AgentLink, type AgentLinkOptions } from "./agent-link.ts";
import type { AgentAdmission, AgentIdentity, AgentSession, LinkListener } from "./agent-session.ts";
import type { LinkLimits } from "./link-limits.ts";

/** What the link told the rest of the hub, in order. */
export type Told =
  | { what: "connected"; session: AgentSession }
  | { what: "disconnected"; session: AgentSession; reason: string }
  | { what: "event"; event: ContainerEvent }
  | { what: "metrics"; timestamp: number; metrics: HostMetrics }
  | { what: "latency"; milliseconds: number }
  | { what: "reported"; code: string; text: string }
  | { what: "conflict"; environmentId: number; refused: AgentIdentity; connected: AgentIdentity };

/** A link on a port of its own, for tests. Token `token-N` joins environment N, `revoked-N` was revoked. */
export class LinkUnderTest implements AsyncDisposable {
  readonly link: AgentLink;
  readonly told: Told[] = [];
  readonly port: number;
  readonly #server: ReturnType<typeof createServer>;
  /** Awaited by every look-up of a token. */
  lookUp: () => Promise<void> = () => Promise.resolve();

  constructor(
    server: ReturnType<typeof createServer>,
    limits: Partial<LinkLimits>,
    options: Partial<AgentLinkOptions>,
  ) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.link = new AgentLink({
      authenticator: { authenticate: (token) => this.#authenticate(token) },
      listener: recorder(this.told),
      log: silentLog(),
      limits,
      ...options,
    });
    server.on("upgrade", (request, socket, head) => this.link.handleUpgrade(request, socket, head));
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/api/hawser/connect`;
  }

  session(environmentId = 1): AgentSession {
    const session = this.link.sessions.get(environmentId);
    if (session === undefined) throw new Error(`no session of environment ${environmentId}`);
    return session;
  }

  toldOf<What extends Told["what"]>(what: What): Extract<Told, { what: What }>[] {
    return this.told.filter((each): each is Extract<Told, { what: What }> => each.what === what);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.link.stop();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #authenticate(token: string): Promise<AgentAdmission | "unknown" | "revoked"> {
    await this.lookUp();
    const [, kind, number] = /^(token|revoked)-(\d+)$/.exec(token) ?? [];
    if (kind === undefined) return "unknown";
    if (kind === "revoked") return "revoked";
    return { environmentId: Number(number), environmentName: `env-${number}`, tokenId: 1000 + Number(number) };
  }
}

export async function startLink(
  limits: Partial<LinkLimits> = {},
  options: Partial<AgentLinkOptions> = {},
): Promise<LinkUnderTest> {
  const server = createServer();
  server.listen(0);
  await once(server, "listening");
  return new LinkUnderTest(server, limits, options);
}

export function silentLog(): Logger {
  return pino({ level: "silent" });
}

function recorder(told: Told[]): LinkListener {
  return {
    connected: (session) => void told.push({ what: "connected", session }),
    disconnected: (session, reason) => void told.push({ what: "disconnected", session, reason }),
    containerEvent: (_session, event) => void told.push({ what: "event", event }),
    metrics: (_session, timestamp, metrics) => void told.push({ what: "metrics", timestamp, metrics }),
    latency: (_session, milliseconds) => void told.push({ what: "latency", milliseconds }),
    reported: (_session, code, text) => void told.push({ what: "reported", code, text }),
    conflict: (environmentId, refused, connected) =>
      void told.push({ what: "conflict", environmentId, refused, connected }),
  };
}

type Json = Record<string, unknown>;

/** A raw WebSocket that talks to a link: what came, and how it ended. */
export class RawAgent {
  readonly socket: WebSocket;
  readonly came: Json[] = [];
  closed: { code: number; reason: string } | undefined;
  /** Status of a refused upgrade. */
  refused: { status: number; retryAfter: string | undefined; body: string } | undefined;
  readonly #changes = new Set<() => void>();
  /** Called for every message. */
  onMessage: (message: Json) => void = () => {};

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    this.socket.on("message", (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Json;
      this.came.push(message);
      this.onMessage(message);
      this.#changed();
    });
    this.socket.on("error", () => {});
    this.socket.on("open", () => this.#changed());
    this.socket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#changed();
    });
    this.socket.on("unexpected-response", (_request, response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        this.refused = {
          status: response.statusCode ?? 0,
          retryAfter: response.headers["retry-after"],
          body: Buffer.concat(chunks).toString(),
        };
        this.#changed();
      });
    });
  }

  send(message: Json): void {
    this.socket.send(JSON.stringify(message));
  }

  hello(fields: Json = {}): Json {
    return {
      type: "hello",
      version: "0.2.3",
      protocol: "1.0",
      agentId: "agent-1",
      agentName: "box",
      token: "token-1",
      dockerVersion: "26.1.5",
      hostname: "box.local",
      capabilities: ["exec", "metrics", "events", "compose"],
      ...fields,
    };
  }

  /** Waits for the first message that fits. */
  message(type: string, fits: (message: Json) => boolean = () => true): Promise<Json> {
    return this.until(() => this.came.find((message) => message["type"] === type && fits(message)), type);
  }

  opened(): Promise<unknown> {
    return this.until(() => this.socket.readyState === WebSocket.OPEN, "open");
  }

  ended(): Promise<{ code: number; reason: string }> {
    return this.until(() => this.closed, "close");
  }

  /** Waits until `condition` gives something, asking again whenever something happens here. */
  until<T>(condition: () => T | undefined | false, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#changes.delete(ask);
        reject(
          new Error(
            `${what} did not come; came ${JSON.stringify(this.came.slice(-5))}, ${JSON.stringify(this.closed)}`,
          ),
        );
      }, 30_000);
      const ask = (): void => {
        const value = condition();
        if (value === undefined || value === false) return;
        clearTimeout(timer);
        this.#changes.delete(ask);
        resolve(value);
      };
      this.#changes.add(ask);
      ask();
    });
  }

  #changed(): void {
    for (const ask of this.#changes) ask();
  }
}

/** Dials and waits for the welcome. */
export async function joinLink(url: string, hello: Json = {}, options: ClientOptions = {}): Promise<RawAgent> {
  const agent = new RawAgent(url, options);
  await agent.opened();
  agent.send(agent.hello(hello));
  await agent.message("welcome");
  return agent;
}

/** Answers every request with what `answer` gives for it. */
export function serve(agent: RawAgent, answer: (request: Json) => Json[]): void {
  agent.onMessage = (message) => {
    if (message["type"] !== "request") return;
    for (const reply of answer(message)) agent.send({ requestId: message["requestId"], ...reply });
  };
}

/** All of a stream or a terminal's output. */
export async function text(stream: EngineStream | Terminal): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of "body" in stream ? stream.body : stream.output) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
