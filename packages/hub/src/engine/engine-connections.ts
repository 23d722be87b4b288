import { setTimeout as sleep } from "node:timers/promises";
import { FairleadError } from "@fairlead/protocol";
import type { Logger } from "pino";
import type { EnvironmentChange, EnvironmentRecord } from "../environments/record.ts";
import type { AgentSession } from "../link/agent-session.ts";
import { DialledEngine } from "./dialled-engine.ts";
import type { DialGuard } from "./dial-guard.ts";
import type { EngineConnection } from "./engine-connection.ts";

/** After the hub's start agents come back at the pace of their reconnect delay, which begins with a second. */
const RETURN_GRACE_MS = 10_000;
const RETURN_POLL_MS = 50;

export interface EngineConnectionsOptions {
  readonly environments: {
    list(): Promise<readonly EnvironmentRecord[]>;
    onChange(listener: (change: EnvironmentChange) => void): void;
  };
  /** The agents that are connected now. */
  readonly sessions: { get(environmentId: number): AgentSession | undefined };
  /** Which addresses may be dialled. */
  readonly guard: DialGuard;
  readonly log: Logger;
  /** When the environment's agent was last connected, Unix milliseconds; for the message that says it is not. */
  readonly lastSeenAt?: (environmentId: number) => number | undefined;
}

/** The ways to all engines, by environment: an edge agent's live session, or a dialled connection kept for the next call. */
export class EngineConnections {
  readonly #options: EngineConnectionsOptions;
  readonly #environments = new Map<number, EnvironmentRecord>();
  readonly #dialled = new Map<number, DialledEngine>();
  readonly #returnEndsAt = performance.now() + RETURN_GRACE_MS;

  constructor(options: EngineConnectionsOptions) {
    this.#options = options;
    options.environments.onChange(({ type, environment }) => this.#changed(type, environment));
  }

  /** Reads the environments; `for` knows them from then on. */
  async start(): Promise<void> {
    for (const environment of await this.#options.environments.list()) {
      if (!this.#environments.has(environment.id)) this.#environments.set(environment.id, environment);
    }
  }

  /** @throws FairleadError not_found, agent_disconnected (an edge environment whose agent is away). */
  for(environmentId: number): EngineConnection {
    const environment = this.#environments.get(environmentId);
    if (!environment) throw new FairleadError("not_found", `There is no environment with the id ${environmentId}.`);
    return environment.kind === "edge" ? this.session(environment) : this.dialled(environment);
  }

  /** The live session of an edge environment's agent. @throws FairleadError agent_disconnected. */
  session(environment: EnvironmentRecord): AgentSession {
    const session = this.#options.sessions.get(environment.id);
    if (session) return session;
    const seenAt = this.#options.lastSeenAt?.(environment.id);
    const since = seenAt === undefined ? "" : ` since ${new Date(seenAt).toISOString()}`;
    throw new FairleadError(
      "agent_disconnected",
      `Environment ${environment.name}: its agent is not connected${since}. Start the agent on that host, or see its log there.`,
    );
  }

  /**
   * The live session, waited for while the hub has just started: its agents dial again within a second or two.
   * @throws FairleadError agent_disconnected
   */
  async returningSession(environment: EnvironmentRecord): Promise<AgentSession> {
    const connected = this.#options.sessions.get(environment.id);
    if (connected) return connected;
    // One that was never here is not on its way back.
    const waitsUntil = this.#options.lastSeenAt?.(environment.id) === undefined ? 0 : this.#returnEndsAt;
    while (!this.#options.sessions.get(environment.id) && performance.now() < waitsUntil) await sleep(RETURN_POLL_MS);
    return this.session(environment);
  }

  /** The connection of a standard, direct or socket environment; the same one until where or how to dial changes. */
  dialled(environment: EnvironmentRecord): DialledEngine {
    const known = this.#dialled.get(environment.id);
    if (known && isSameDial(known.environment, environment)) {
      known.dialer.environment = environment;
      return known;
    }
    known?.close();
    const engine = new DialledEngine(environment, this.#options.guard);
    this.#dialled.set(environment.id, engine);
    return engine;
  }

  /** Breaks all dialled connections, and what goes on through them. */
  stop(): void {
    for (const engine of this.#dialled.values()) engine.close();
    this.#dialled.clear();
  }

  #changed(type: EnvironmentChange["type"], environment: EnvironmentRecord): void {
    if (type === "removed") this.#environments.delete(environment.id);
    else this.#environments.set(environment.id, environment);
    const dialled = this.#dialled.get(environment.id);
    if (!dialled) return;
    // A new name or label is no reason to cut what runs.
    if (type !== "removed" && isSameDial(dialled.environment, environment)) {
      dialled.dialer.environment = environment;
      return;
    }
    this.#options.log.info({ environment: environment.name }, "Connections to the environment are closed: it changed");
    dialled.close();
    this.#dialled.delete(environment.id);
  }
}

function isSameDial(a: EnvironmentRecord, b: EnvironmentRecord): boolean {
  const dialOf = ({ kind, address, token, tls }: EnvironmentRecord) => JSON.stringify([kind, address, token, tls]);
  return dialOf(a) === dialOf(b);
}
