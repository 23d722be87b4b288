import { setTimeout as sleep } from "node:timers/promises";
import {
  CapabilityCompose,
  CapabilityEvents,
  CapabilityExec,
  CapabilityMetrics,
  CapabilityStreams,
  AGENT_MIN_SILENCE_MS,
  FairleadError,
  type HostMetrics,
  newHelloMessage,
  type OutgoingMessage,
  type WelcomeMessage,
} from "@fairlead/protocol";
import type { AgentConfig } from "../config.ts";
import type { EngineClient } from "../engine/engine-client.ts";
import { EngineSockets } from "../engine/engine-sockets.ts";
import { EventReporter } from "../events/event-reporter.ts";
import { HubAccess } from "../joining/hub-access.ts";
import type { Log } from "../log.ts";
import type { Policy } from "../policy/policy.ts";
import { dial } from "./dial.ts";
import { HubConnection } from "./hub-connection.ts";
import { type ComposeRunner, HubSession } from "./hub-session.ts";
import { MetricsReporter } from "./metrics-reporter.ts";
import { type ConnectionTry, ReconnectDelay } from "./reconnect-delay.ts";
import { HubErrors } from "./hub-errors.ts";
import { RefusedByHub, refusalOf, refusalOfClose } from "./refused-by-hub.ts";

export type EdgeConfig = AgentConfig & { serverUrl: URL };

export interface EdgeAgentOptions {
  readonly config: EdgeConfig;
  readonly engine: EngineClient;
  readonly log: Log;
  /** The agent program's version, for the hello. */
  readonly version: string;
  readonly compose: ComposeRunner;
  /** Undefined: whatever the hub asks. */
  readonly policy?: Policy | undefined;
  /** Whether `docker compose` can be run here. */
  readonly hasCompose: () => Promise<boolean>;
  readonly readMetrics: () => Promise<HostMetrics>;
  /** Called at each welcome; some deployed hubs do not say the environment's number. */
  readonly onWelcome?: (environmentId: number | undefined) => void;
  /** See `EventFollowerOptions`. */
  readonly eventRetryMs?: number;
  /** Default: the larger of AGENT_MIN_SILENCE_MS and twice the heartbeat. */
  readonly silenceTimeoutMs?: number;
}

/** An engine that does not say its version within this is told to the hub as one that does not answer. */
const VERSION_PATIENCE_MS = 2_000;

/** Time for requests and terminals to end in order when the agent stops. */
const STOP_GRACE_MS = 3_000;

/** A connection that was welcomed. */
interface Link {
  readonly connection: HubConnection;
  readonly session: HubSession;
  readonly welcomedAt: number;
  /** Why the hub ended it, when it said so. */
  refusal(): RefusedByHub | undefined;
}

/** Edge mode: keeps a connection to the hub and serves it, until stopped. */
export class EdgeAgent {
  readonly #options: EdgeAgentOptions;
  readonly #events: EventReporter;
  readonly #metrics: MetricsReporter;
  readonly #delay: ReconnectDelay;
  readonly #stop = new AbortController();
  readonly #sockets: EngineSockets;
  readonly #access: HubAccess;
  #link: Link | undefined;
  #running: Promise<void> = Promise.resolve();
  #hasCompose = false;
  /** Of connections before this one. */
  #finishedWork = 0;
  /** The last failure that was logged as one: the same again is only worth a debug line. */
  #saidFailure = "";

  constructor(options: EdgeAgentOptions) {
    this.#options = options;
    const { config, engine, log, eventRetryMs } = options;
    this.#sockets = new EngineSockets(engine);
    this.#access = new HubAccess({ config, userAgent: this.#userAgent, log });
    this.#delay = new ReconnectDelay(config.reconnectDelayMs, config.maxReconnectDelayMs);
    this.#events = new EventReporter({
      engine,
      log,
      dataDir: config.dataDir,
      ...(eventRetryMs === undefined ? {} : { retryMs: eventRetryMs }),
    });
    this.#metrics = new MetricsReporter({ read: options.readMetrics, intervalMs: config.metricsIntervalMs, log });
  }

  /** Whether a hub has welcomed this agent and is there. */
  get isConnected(): boolean {
    return this.#link !== undefined;
  }

  /** Messages of hubs since the start, pings left out. */
  get workCount(): number {
    return this.#finishedWork + (this.#link?.session.workCount ?? 0);
  }

  get #userAgent(): string {
    return `fairlead-agent/${this.#options.version}`;
  }

  /** Begins to follow the engine's events and to dial. */
  async start(): Promise<void> {
    const { config, log } = this.#options;
    if (config.tlsSkipVerify) {
      log.warn(
        "TLS_SKIP_VERIFY is set: the hub's certificate is NOT checked, and whoever stands between can take over this host. Use CA_CERT instead.",
      );
    }
    await this.#events.start();
    this.#running = this.#run();
  }

  /** Ends what is open, says so to the hub, closes the connection (1001) and resolves within a few seconds. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const link = this.#link;
    if (link) {
      await Promise.race([link.session.end(), sleep(STOP_GRACE_MS, undefined, { ref: false })]);
      link.connection.close(1001, "agent is stopping");
    }
    await this.#running;
    this.#metrics.stop();
    this.#sockets.close();
    await this.#events.stop();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const tried = await this.#connectOnce();
      if (signal.aborted) return;
      const delayMs = this.#delay.after(tried);
      this.#options.log.debug("dialling again", { inMs: Math.round(delayMs) });
      await sleep(delayMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Dials, and serves the hub as long as the connection holds. Never throws. */
  async #connectOnce(): Promise<ConnectionTry> {
    const { config, log } = this.#options;
    const { signal } = this.#stop;
    let welcomedAt: number | undefined;
    try {
      const { token, checkKey } = await this.#access.admission(signal);
      const hello = await this.#hello(token);
      const { silenceTimeoutMs = Math.max(AGENT_MIN_SILENCE_MS, 2 * config.heartbeatMs) } = this.#options;
      const connection = await dial({ ...config, checkKey }, this.#userAgent, signal, (socket, raw) => {
        return new HubConnection(socket, raw, { log, silenceTimeoutMs });
      });
      connection.send(hello);
      const link = await this.#welcomed(connection);
      welcomedAt = link.welcomedAt;
      const { code, reason } = await connection.ended;
      await this.#unlink(link);
      throw link.refusal() ?? refusalOfClose(code, reason);
    } catch (error) {
      const refusal = error instanceof RefusedByHub ? error : undefined;
      const joinsAgain = this.#access.refused(error);
      const tokenRefused = refusal?.tokenRefused === true && !joinsAgain;
      if (!signal.aborted) this.#sayFailure((error as Error).message, tokenRefused);
      const heldMs = welcomedAt === undefined ? 0 : performance.now() - welcomedAt;
      return { heldMs, tokenRefused, retryAfterMs: refusal?.retryAfterMs };
    }
  }

  async #hello(token: string): Promise<OutgoingMessage> {
    const { config, engine, version, policy } = this.#options;
    const { agentId, agentName, hostname } = config;
    // The hub is dialled whether the engine answers or not.
    const noAnswer = sleep(VERSION_PATIENCE_MS, undefined, { ref: false });
    const asked = await Promise.race([engine.version().catch(() => undefined), noAnswer]);
    this.#hasCompose ||= await this.#options.hasCompose();
    const capabilities = [CapabilityExec, CapabilityMetrics, CapabilityEvents];
    if (this.#hasCompose) capabilities.push(CapabilityCompose);
    if (config.streams) capabilities.push(CapabilityStreams);
    const hello = newHelloMessage(agentId, agentName, token, asked?.version ?? "", hostname, version, capabilities);
    return policy === undefined ? hello : { ...hello, policy: policy.name };
  }

  /** Waits for the welcome and begins to serve with it. @throws RefusedByHub, or FairleadError `welcome_timeout` or `cancelled` */
  async #welcomed(connection: HubConnection): Promise<Link> {
    const { welcomeTimeoutMs } = this.#options.config;
    const { signal } = this.#stop;
    const { promise, resolve, reject } = Promise.withResolvers<Link>();
    connection.onMessage = (message) => {
      if (message.type === "error") reject(refusalOf(message));
      else if (message.type !== "welcome") connection.unexpected(message);
      else if (!signal.aborted) resolve(this.#serve(connection, message));
    };
    const timer = setTimeout(() => {
      const text = `the hub did not welcome this agent within ${welcomeTimeoutMs / 1000} s`;
      reject(new FairleadError("welcome_timeout", text));
    }, welcomeTimeoutMs);
    const cancel = (): void => reject(new FairleadError("cancelled", "the agent is stopping"));
    signal.addEventListener("abort", cancel, { once: true });
    void connection.ended.then(({ code, reason }) => reject(refusalOfClose(code, reason)));
    try {
      return await promise;
    } catch (error) {
      connection.close(1000, "not welcome");
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancel);
    }
  }

  /** At once, within the turn in which the welcome came: the next message may be in the same read. */
  #serve(connection: HubConnection, welcome: WelcomeMessage): Link {
    const { config, engine, log, compose, onWelcome, policy } = this.#options;
    const errors = new HubErrors(log);
    const session = new HubSession({
      connection,
      engine,
      compose,
      log,
      policy,
      requestTimeoutMs: config.requestTimeoutMs,
      onError: (message) => errors.add(message),
    });
    connection.onMessage = (message) => session.handle(message);
    if (config.streams && welcome.capabilities?.includes(CapabilityStreams)) session.acceptStreams(this.#sockets);
    const link: Link = { connection, session, welcomedAt: performance.now(), refusal: () => errors.refusal() };
    this.#link = link;
    this.#saidFailure = "";
    this.#heartbeat(connection);
    this.#events.outbox.attach(connection);
    this.#metrics.start();
    this.#metrics.outbox.attach(connection);
    log.info("connected to the hub", { environment: welcome.environmentId, message: welcome.message });
    onWelcome?.(welcome.environmentId);
    return link;
  }

  #heartbeat(connection: HubConnection): void {
    const timer = setInterval(() => connection.ping(), this.#options.config.heartbeatMs);
    void connection.ended.then(() => clearInterval(timer));
  }

  /** What was open on a connection ends with it. The next dial does not wait for slow engines. */
  async #unlink({ session }: Link): Promise<void> {
    this.#finishedWork += session.workCount;
    this.#link = undefined;
    this.#events.outbox.detach();
    this.#metrics.outbox.detach();
    const ended = session.end();
    if (this.#stop.signal.aborted) await Promise.race([ended, sleep(STOP_GRACE_MS, undefined, { ref: false })]);
  }

  #sayFailure(reason: string, tokenRefused: boolean): void {
    const { log } = this.#options;
    if (reason === this.#saidFailure) {
      log.debug("still not connected to the hub", { reason });
      return;
    }
    this.#saidFailure = reason;
    if (!tokenRefused) log.warn("not connected to the hub", { reason });
    else log.error(`${this.#access.remedy}. Trying on slowly.`, { reason });
  }
}
