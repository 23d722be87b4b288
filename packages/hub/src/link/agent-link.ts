import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import {
  CapabilityStreams,
  divertBinary,
  type ErrorCode,
  FairleadError,
  type HelloMessage,
  MAX_MESSAGE_BYTES,
} from "@fairlead/protocol";
import type { Logger } from "pino";
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws";
import { addressKey } from "./address-key.ts";
import type {
  AgentAdmission,
  AgentAuthenticator,
  AgentIdentity,
  AgentSessions,
  LinkListener,
} from "./agent-session.ts";
import { applyMask } from "./apply-mask.ts";
import { FailedDials } from "./failed-dials.ts";
import { conflictMessage, IdentityFence, type Newcomer } from "./identity-fence.ts";
import { LINK_LIMITS, type LinkLimits } from "./link-limits.ts";
import { LinkSession, type SessionHost } from "./link-session.ts";
import { count, type LinkStats, newLinkStats } from "./link-stats.ts";
import { BinaryMessages, NewDial } from "./new-dial.ts";
import { NewDials } from "./new-dials.ts";
import { refuseUpgrade } from "./refuse-upgrade.ts";

export interface AgentLinkOptions {
  readonly authenticator: AgentAuthenticator;
  readonly listener: LinkListener;
  readonly log: Logger;
  /** For tests. */
  readonly limits?: Partial<LinkLimits>;
  /** Address of who dials; behind a trusted proxy it is not the socket's. Default: the socket's. */
  readonly addressOf?: (request: IncomingMessage) => string;
}

/** Which connections to close: those that joined, or are about to, with this. */
type Bar = (admission: Pick<AgentAdmission, "environmentId" | "tokenId">) => boolean;

interface Closing {
  readonly bar: Bar;
  readonly closeCode: number;
  readonly reason: string;
  readonly code: ErrorCode | undefined;
}

interface JoiningAgent extends Newcomer {
  readonly dial: NewDial;
  readonly socket: WebSocket;
  readonly raw: Duplex;
}

/** Where agents dial: lets them in by token, one an environment, and keeps their sessions. */
export class AgentLink {
  readonly #options: AgentLinkOptions;
  readonly #limits: LinkLimits;
  readonly #log: Logger;
  readonly #server: WebSocketServer;
  readonly #sessions = new Map<number, LinkSession>();
  readonly #failedDials: FailedDials;
  readonly #newDials: NewDials<NewDial>;
  readonly #fence: IdentityFence<JoiningAgent>;
  readonly #stats = newLinkStats();
  readonly #host: SessionHost;
  readonly #interval: NodeJS.Timeout;
  #tickedAt = Date.now();
  /** What was closed while a token was looked up: the look-up may have been a moment too early to know. */
  readonly #lookUps = new Set<Closing[]>();
  #isStopping = false;

  /** The agents that are connected now. */
  readonly sessions: AgentSessions = {
    get: (environmentId) => this.#sessions.get(environmentId),
    list: () => [...this.#sessions.values()],
  };

  constructor(options: AgentLinkOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#limits = { ...LINK_LIMITS, ...options.limits };
    this.#failedDials = new FailedDials(this.#limits);
    this.#newDials = new NewDials(this.#limits);
    this.#server = new WebSocketServer(serverOptions(this.#limits));
    this.#fence = new IdentityFence(this.#limits, {
      current: (environmentId) => this.#sessions.get(environmentId),
      admit: (newcomer) => this.#admit(newcomer),
      refuse: (newcomer, connected) => this.#refuseSecond(newcomer, connected),
    });
    this.#host = {
      limits: this.#limits,
      stats: this.#stats,
      log: options.log,
      listener: options.listener,
      ended: (session) => this.#ended(session),
    };
    this.#interval = setInterval(() => this.#tick(), tickMs(this.#limits));
    this.#interval.unref();
  }

  /** Takes an upgrade request of one of the agents' paths. */
  handleUpgrade(request: IncomingMessage, raw: Duplex, head: Buffer): void {
    const address = this.#options.addressOf?.(request) ?? request.socket.remoteAddress ?? "";
    const key = addressKey(address);
    const refusal = this.#refusal(key);
    if (refusal !== undefined) {
      count(this.#stats.refused, refusal.error.code);
      refuseUpgrade(raw, refusal.error, refusal.retryAfterSeconds);
      return;
    }
    this.#server.handleUpgrade(request, raw, head, (socket) => this.#dialled(socket, raw, address, key));
  }

  /** Closes the connection that joined with this token, and keeps out one that is about to. */
  closeForToken(tokenId: number, closeCode: number, reason: string, code?: ErrorCode): void {
    this.#closeAll({ bar: (admission) => admission.tokenId === tokenId, closeCode, reason, code });
  }

  /** Closes the environment's connection, and keeps out one that is about to join. */
  closeForEnvironment(environmentId: number, closeCode: number, reason: string, code?: ErrorCode): void {
    this.#closeAll({ bar: (admission) => admission.environmentId === environmentId, closeCode, reason, code });
  }

  /** Counters for `/metrics`: a copy. */
  stats(): LinkStats {
    const { refused, badMessages } = this.#stats;
    return {
      ...this.#stats,
      refused: { ...refused },
      badMessages: { ...badMessages },
      connected: this.#sessions.size,
      openStreams: sum([...this.#sessions.values()].map((session) => session.openStreams)),
      pending: this.#newDials.size,
    };
  }

  /** Closes all connections (1001) and resolves when they are closed. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#interval);
    const reason = "The hub is stopping.";
    for (const dial of this.#newDials) dial.refuse("shutting_down", reason);
    for (const session of this.sessions.list()) session.close(1001, reason, "shutting_down");
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #refusal(key: string): { error: FairleadError; retryAfterSeconds: number } | undefined {
    const { busyRetryAfterSeconds } = this.#limits;
    if (this.#isStopping) {
      const error = new FairleadError("shutting_down", "The hub is stopping.");
      return { error, retryAfterSeconds: busyRetryAfterSeconds };
    }
    const waitMs = this.#failedDials.waitMs(key);
    if (waitMs > 0) {
      const retryAfterSeconds = Math.ceil(waitMs / 1000);
      const text = `Too many dials from this address failed. Try again in ${retryAfterSeconds} s, with the right token.`;
      return { error: new FairleadError("rate_limited", text), retryAfterSeconds };
    }
    if (this.#newDials.hasRoom(key, (dial) => this.#displace(dial))) return undefined;
    const text = "Too many connections that have not said hello yet; try again later.";
    return { error: new FairleadError("too_many_requests", text), retryAfterSeconds: busyRetryAfterSeconds };
  }

  #displace(dial: NewDial): void {
    this.#newDials.remove(addressKey(dial.address), dial);
    count(this.#stats.refused, "too_many_requests");
    dial.drop();
  }

  #dialled(socket: WebSocket, raw: Duplex, address: string, key: string): void {
    const binary = new BinaryMessages();
    divertBinary(raw, socket, { isMasked: true, applyMask, binary: binary.receive });
    const dial = new NewDial({
      socket,
      binary,
      raw,
      address,
      limits: this.#limits,
      mayHold: (dial, bytes) => this.#newDials.mayHold(dial, bytes),
      onHello: (dial, hello) => void this.#hello(dial, socket, raw, hello),
      onRefused: (dial, code) => this.#refused(dial, code),
      onClosed: (dial) => this.#newDials.remove(key, dial),
    });
    this.#newDials.add(key, dial);
  }

  async #hello(dial: NewDial, socket: WebSocket, raw: Duplex, hello: HelloMessage): Promise<void> {
    // Agents that do not say a version are taken at 1.0's word.
    if (hello.protocol !== "" && !/^1(\.|$)/.test(hello.protocol)) {
      const text = `This hub speaks protocol 1.0, not ${JSON.stringify(hello.protocol)}: use an agent that does.`;
      dial.refuse("protocol_unsupported", text);
      return;
    }
    const closings: Closing[] = [];
    this.#lookUps.add(closings);
    let admission;
    try {
      admission = hello.token === "" ? "unknown" : await this.#options.authenticator.authenticate(hello.token);
    } catch (error) {
      this.#log.error({ err: error, address: dial.address }, "an agent's token could not be looked up");
      dial.refuse("internal", "The token could not be looked up; the hub's log says why.");
      return;
    } finally {
      this.#lookUps.delete(closings);
    }
    if (admission === "unknown") {
      dial.refuse("token_invalid", "The token is not known to this hub. Copy it again, or make a new one.");
    } else if (admission === "revoked") {
      dial.refuse("token_revoked", "The token was revoked or replaced. Give the agent the new one.");
    } else {
      this.#join(dial, socket, raw, hello, admission, closings);
    }
  }

  #join(
    dial: NewDial,
    socket: WebSocket,
    raw: Duplex,
    hello: HelloMessage,
    admission: AgentAdmission,
    closings: Closing[],
  ): void {
    const closing = closings.find(({ bar }) => bar(admission));
    if (closing !== undefined) dial.refuse(closing.code ?? "token_revoked", closing.reason, closing.closeCode);
    if (!dial.isOpen) return;
    const { agentId, agentName, hostname, version, protocol, dockerVersion, capabilities, policy } = hello;
    const { address } = dial;
    this.#fence.join({
      dial,
      socket,
      raw,
      admission,
      identity: { agentId, agentName, hostname, version, protocol, dockerVersion, capabilities, address, policy },
      get isOpen() {
        return dial.isOpen;
      },
    });
  }

  #admit({ dial, socket, raw, admission, identity }: JoiningAgent): void {
    const early = dial.takeOver();
    this.#newDials.remove(addressKey(dial.address), dial);
    const session = new LinkSession(this.#host, socket, raw, admission, identity);
    dial.binary.reader = session;
    this.#sessions.set(session.environmentId, session);
    this.#stats.accepted += 1;
    const { environmentId, environmentName } = admission;
    session.send({
      type: "welcome",
      environmentId,
      message: `Connected as environment ${environmentName}.`,
      ...(session.streams ? { capabilities: [CapabilityStreams] } : {}),
    });
    this.#options.listener.connected(session);
    for (const [data, isBinary] of early) session.receive(data, isBinary);
  }

  #refuseSecond({ dial, admission, identity }: JoiningAgent, connected: AgentIdentity): void {
    dial.refuse("identity_conflict", conflictMessage(identity, connected));
    this.#options.listener.conflict(admission.environmentId, identity, connected);
  }

  #refused(dial: NewDial, code: ErrorCode): void {
    count(this.#stats.refused, code);
    this.#log.warn({ address: dial.address, code }, "an agent's dial was refused");
    if (!NOT_THE_PEERS_FAULT.has(code)) this.#failedDials.add(addressKey(dial.address));
  }

  #ended(session: LinkSession): void {
    if (this.#sessions.get(session.environmentId) === session) this.#sessions.delete(session.environmentId);
  }

  #closeAll(closing: Closing): void {
    const { bar, closeCode, reason, code } = closing;
    for (const closings of this.#lookUps) closings.push(closing);
    for (const { admission, dial } of this.#fence.contenders()) {
      if (bar(admission)) dial.refuse(code ?? "token_revoked", reason, closeCode);
    }
    for (const session of this.sessions.list()) {
      if (bar(session)) session.close(closeCode, reason, code);
    }
  }

  #tick(): void {
    const now = Date.now();
    // A hub that was held up itself (a stopped process, a suspended machine) has not read what came meanwhile.
    const wasHeldUp = now - this.#tickedAt > HELD_UP_TICKS * tickMs(this.#limits);
    this.#tickedAt = now;
    for (const session of this.#sessions.values()) session.tick(now, wasHeldUp);
  }
}

/** Refusals that are no attempt to get in: the hub's own state, or an agent with a good token. */
const NOT_THE_PEERS_FAULT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "identity_conflict",
  "shutting_down",
  "too_many_requests",
  "internal",
]);

/** An interval that fires this many times its period after the last time says that the process stood still. */
const HELD_UP_TICKS = 4;

/** Once a second is often enough for limits of seconds; tests with shorter ones are served by a shorter interval. */
function tickMs({ pingIntervalMs, silenceTimeoutMs, slowReaderMs }: LinkLimits): number {
  return Math.min(1000, Math.ceil(Math.min(pingIntervalMs, silenceTimeoutMs, slowReaderMs) / 4));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function serverOptions(limits: LinkLimits): ServerOptions {
  const options: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    // Bulk is base64 of what is often compressed already, and a window for each agent costs more than all the rest.
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    closeTimeout: limits.closeTimeoutMs,
  };
  return options;
}
