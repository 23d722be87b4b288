import type { ContainerEvent, ErrorCode, HostMetrics } from "@fairlead/protocol";
import type { CallOptions, EngineAnswer, EngineCall, EngineConnection } from "../engine/engine-connection.ts";
import type { StreamOpener } from "../streams/stream-opener.ts";

/** Who an agent says it is, and from where it dialled. */
export interface AgentIdentity {
  readonly agentId: string;
  readonly agentName: string;
  readonly hostname: string;
  readonly version: string;
  readonly protocol: string;
  readonly dockerVersion: string;
  readonly capabilities: readonly string[];
  /** Source address as the hub sees it. */
  readonly address: string;
  /** Name of the policy of its host; undefined when it has none. */
  readonly policy?: string | undefined;
}

/** Options of a call that only an agent can serve. */
export interface AgentCallOptions extends CallOptions {
  /** Gets the output of a compose operation with `streamOutput`, which comes before its one answer. Must not throw. */
  onStream?(data: Uint8Array): void;
}

/** An accepted agent's connection: the way to its engine while it lasts. */
export interface AgentSession extends EngineConnection {
  readonly environmentId: number;
  readonly environmentName: string;
  /** Row of `agent_tokens` that it joined with. */
  readonly tokenId: number;
  readonly identity: AgentIdentity;
  /** Unix milliseconds. */
  readonly connectedAt: number;
  /** When the last message came, Unix milliseconds. */
  readonly lastMessageAt: number;
  /** Round trip of the last answered ping, milliseconds; undefined before the first. */
  readonly latencyMs: number | undefined;
  /** There when the agent speaks the streams extension; then all calls go over streams but those of the agent's own paths. */
  readonly streams: StreamOpener | undefined;
  request(call: EngineCall, options?: AgentCallOptions): Promise<EngineAnswer>;
  /** Sends a ping and resolves to its round trip in milliseconds, or rejects with agent_timeout or agent_disconnected. */
  ping(timeoutMs: number): Promise<number>;
  /** Sends `error` with this text and code, then closes with that WebSocket close code. Everything open on it fails with agent_disconnected. */
  close(closeCode: number, reason: string, code?: ErrorCode): void;
}

/** The agents that are connected now. */
export interface AgentSessions {
  get(environmentId: number): AgentSession | undefined;
  list(): AgentSession[];
}

/** What the link tells the rest of the hub. Handlers must not throw; they are called in the order of the wire. */
export interface LinkListener {
  connected(session: AgentSession): void;
  disconnected(session: AgentSession, reason: string): void;
  containerEvent(session: AgentSession, event: ContainerEvent): void;
  /** @param timestamp Unix seconds. */
  metrics(session: AgentSession, timestamp: number, metrics: HostMetrics): void;
  latency(session: AgentSession, milliseconds: number): void;
  /** A second machine with the same token was refused. */
  conflict(environmentId: number, refused: AgentIdentity, connected: AgentIdentity): void;
  /**
   * The agent sent an `error` about no request: `events_lost` (container events are gone for good), or what else its code
   * says. Codes are the agent's own. Not called more often than `complaintsPerSecond`.
   */
  reported?(session: AgentSession, code: string, text: string): void;
}

/** Looks up the token of a hello: one indexed query. */
export interface AgentAuthenticator {
  authenticate(token: string): Promise<AgentAdmission | "unknown" | "revoked">;
}

export interface AgentAdmission {
  readonly environmentId: number;
  readonly environmentName: string;
  readonly tokenId: number;
}
