import type { ErrorCode } from "@fairlead/protocol";
import type { AgentInfo, AgentTokenInfo, IdentityConflict } from "@fairlead/protocol/rest";
import type { Insertable } from "kysely";
import type { Logger } from "pino";
import type { AgentRow, AgentTable, AgentTokenRow } from "../database/schema.ts";
import type { AgentView } from "../environments/view.ts";
import type {
  AgentAdmission,
  AgentAuthenticator,
  AgentIdentity,
  AgentSession,
  AgentSessions,
} from "../link/agent-session.ts";
import { hashAgentToken, isSameHash, newAgentToken } from "./agent-token.ts";
import type { AgentStore, ConflictRow } from "./store.ts";

/** Where the connections are: `AgentLink`. */
export interface AgentConnections {
  readonly sessions: AgentSessions;
  closeForToken(tokenId: number, closeCode: number, reason: string, code?: ErrorCode): void;
}

/** Comings and goings are written together this long after the first: thousands of agents join at once after a restart. */
const WRITE_DELAY_MS = 50;

/** After a failed write, the next try. */
const RETRY_DELAY_MS = 1_000;

/** Node's timers take no longer delays than 24 days; an overlap may last 30. */
const MAX_EXPIRY_WAIT_MS = 24 * 3_600_000;

/** Deployed agents see a closed 1000 with such a reason from their hubs when a token was replaced. */
const REVOKED_CLOSE_CODE = 1000;

/** Who may join as which environment's agent, and who did. */
export class AgentService implements AgentAuthenticator {
  readonly #store: AgentStore;
  readonly #log: Logger;
  #connections: AgentConnections | undefined;
  /** One an environment that has one, as stored or about to be. */
  readonly #conflicts = new Map<number, IdentityConflict>();
  #agentWrites = new Map<number, Insertable<AgentTable>>();
  #conflictWrites = new Set<number>();
  #usedTokens = new Set<number>();
  #writeTimer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #expiryTimer: NodeJS.Timeout | undefined;
  #expiredUntil = Date.now();
  #isStopped = false;

  constructor(store: AgentStore, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  /** Must be done before agents are let in. */
  async start(connections: AgentConnections): Promise<void> {
    this.#connections = connections;
    await this.#store.disconnectAll(Date.now());
    for (const row of await this.#store.conflicts()) this.#conflicts.set(row.environment_id, conflictOf(row));
    await this.#awaitExpiry();
  }

  /** Of each environment the agent that it had last. */
  lastAgents(): Promise<ReadonlyMap<number, { readonly agentId: string; readonly hostname: string }>> {
    return this.#store.lastAgents();
  }

  /** Writes what is left. After the link has stopped. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#expiryTimer);
    await this.#flush();
    clearTimeout(this.#writeTimer);
  }

  // Tokens

  async authenticate(token: string): Promise<AgentAdmission | "unknown" | "revoked"> {
    const hash = hashAgentToken(token);
    const found = await this.#store.findToken(hash);
    if (found === undefined || !isSameHash(found.hash, hash) || found.kind !== "edge") return "unknown";
    const hasExpired = found.expiresAt !== null && found.expiresAt <= Date.now();
    if (found.revokedAt !== null || hasExpired) return "revoked";
    const { environmentId, environmentName, tokenId } = found;
    return { environmentId, environmentName, tokenId };
  }

  /** The first token of an environment. @returns the secret, which is not kept. */
  async issueToken(environmentId: number): Promise<string> {
    const token = newAgentToken();
    await this.#store.insertToken(environmentId, hashAgentToken(token), Date.now());
    return token;
  }

  /**
   * A new token. The old one works for `overlapSeconds` more; with 0 it ends now and its connection is closed.
   *
   * @returns the secret, and until when (Unix milliseconds) the old one works; null: not at all.
   * @throws FairleadError conflict when too many old ones are still valid.
   */
  async rotateToken(
    environmentId: number,
    overlapSeconds: number,
  ): Promise<{ token: string; previousValidUntil: number | null }> {
    const token = newAgentToken();
    const now = Date.now();
    const until = overlapSeconds > 0 ? now + overlapSeconds * 1000 : null;
    const { ended, previousValidUntil } = await this.#store.rotate(environmentId, hashAgentToken(token), now, until);
    this.replaced(ended, "Token regenerated: give the agent the new one.");
    if (previousValidUntil !== null) await this.#awaitExpiry();
    return { token, previousValidUntil };
  }

  /** Ends all tokens of the environment and closes its connection. No agent joins until the token is rotated. */
  async revokeToken(environmentId: number): Promise<void> {
    this.replaced(await this.#store.revoke(environmentId, Date.now()), "Token revoked.");
  }

  /** Tokens have ended: closes the connections that joined with them. */
  replaced(tokenIds: readonly number[], reason: string): void {
    for (const id of tokenIds) this.#connections?.closeForToken(id, REVOKED_CLOSE_CODE, reason, "token_revoked");
  }

  async #awaitExpiry(): Promise<void> {
    const next = await this.#store.nextExpiry(this.#expiredUntil);
    clearTimeout(this.#expiryTimer);
    if (next === null || this.#isStopped) return;
    const waitMs = Math.min(Math.max(next - Date.now(), 0), MAX_EXPIRY_WAIT_MS);
    this.#expiryTimer = setTimeout(() => void this.#expire(), waitMs);
    this.#expiryTimer.unref();
  }

  async #expire(): Promise<void> {
    const now = Date.now();
    try {
      this.replaced(await this.#store.expired(this.#expiredUntil, now), "The overlap of the replaced token has ended.");
      this.#expiredUntil = now;
      await this.#awaitExpiry();
    } catch (error) {
      this.#log.error({ err: error }, "replaced agent tokens could not be looked up; trying again");
      if (this.#isStopped) return;
      this.#expiryTimer = setTimeout(() => void this.#expire(), RETRY_DELAY_MS);
      this.#expiryTimer.unref();
    }
  }

  // Comings and goings; the link calls these.

  connected(session: AgentSession): void {
    this.#usedTokens.add(session.tokenId);
    this.#agentWrites.set(session.environmentId, agentRow(session, null));
    this.#settleConflicts(session.identity.agentId);
    this.#writeSoon(WRITE_DELAY_MS);
  }

  disconnected(session: AgentSession): void {
    this.#agentWrites.set(session.environmentId, agentRow(session, Date.now()));
    this.#writeSoon(WRITE_DELAY_MS);
  }

  conflict(environmentId: number, refused: AgentIdentity, connected: AgentIdentity): void {
    const attempts = (this.#conflicts.get(environmentId)?.attempts ?? 0) + 1;
    const at = iso(Date.now());
    this.#conflicts.set(environmentId, { at, attempts, refused: machine(refused), connected: machine(connected) });
    this.#conflictWrites.add(environmentId);
    this.#writeSoon(WRITE_DELAY_MS);
  }

  /** Forgets that a second machine tried to join. */
  async dismissConflict(environmentId: number): Promise<void> {
    this.#conflicts.delete(environmentId);
    this.#conflictWrites.delete(environmentId);
    await this.#writing;
    await this.#store.deleteConflict(environmentId);
  }

  /** The environment is gone, and its rows with it. */
  environmentRemoved(environmentId: number): void {
    this.#conflicts.delete(environmentId);
    this.#conflictWrites.delete(environmentId);
    this.#agentWrites.delete(environmentId);
  }

  async view(environmentId: number): Promise<AgentView> {
    await this.#flush();
    const agent = await this.#store.agentOf(environmentId);
    const tokens = await this.#store.tokensOf(environmentId);
    const latencyMs = this.#connections?.sessions.get(environmentId)?.latencyMs ?? null;
    return {
      agent: agent === undefined ? null : agentInfo(agent, latencyMs),
      conflict: this.#conflicts.get(environmentId) ?? null,
      agentToken: tokenInfo(tokens, Date.now()),
    };
  }

  /** An agent that was refused somewhere has found its place: that conflict is over. */
  #settleConflicts(agentId: string): void {
    for (const [environmentId, { refused }] of this.#conflicts) {
      if (agentId === "" || refused.agentId !== agentId) continue;
      this.dismissConflict(environmentId).catch((error: unknown) => {
        this.#log.error({ err: error }, "an identity conflict could not be deleted");
      });
    }
  }

  #writeSoon(delayMs: number): void {
    if (this.#writeTimer !== undefined || this.#isStopped) return;
    this.#writeTimer = setTimeout(() => void this.#flush(), delayMs);
  }

  /** Writes what waits, after what is being written. Never rejects: what failed is tried again. */
  #flush(): Promise<void> {
    clearTimeout(this.#writeTimer);
    this.#writeTimer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    if (this.#agentWrites.size + this.#conflictWrites.size + this.#usedTokens.size === 0) return;
    const [agents, conflicts, usedTokens] = [this.#agentWrites, this.#conflictWrites, this.#usedTokens];
    this.#agentWrites = new Map();
    this.#conflictWrites = new Set();
    this.#usedTokens = new Set();
    try {
      await this.#store.write({
        agents: [...agents.values()],
        conflicts: [...conflicts].flatMap((id) => conflictRow(id, this.#conflicts.get(id)) ?? []),
        usedTokens: [...usedTokens],
        at: Date.now(),
      });
    } catch (error) {
      this.#log.error({ err: error }, "agents' comings and goings could not be written; trying again");
      // What came meanwhile is newer. At most one row an environment waits.
      this.#agentWrites = new Map([...agents, ...this.#agentWrites]);
      this.#conflictWrites = new Set([...conflicts, ...this.#conflictWrites]);
      this.#usedTokens = new Set([...usedTokens, ...this.#usedTokens]);
      this.#writeSoon(RETRY_DELAY_MS);
    }
  }
}

function agentRow(session: AgentSession, disconnectedAt: number | null): Insertable<AgentTable> {
  const { agentId, agentName, hostname, version, protocol, dockerVersion, capabilities, address, policy } =
    session.identity;
  return {
    environment_id: session.environmentId,
    agent_id: agentId,
    agent_name: agentName,
    hostname,
    version,
    protocol,
    docker_version: dockerVersion,
    capabilities: JSON.stringify(capabilities),
    address,
    policy: policy ?? null,
    connected_at: session.connectedAt,
    disconnected_at: disconnectedAt,
  };
}

function agentInfo(row: AgentRow, latencyMs: number | null): AgentInfo {
  return {
    agentId: row.agent_id,
    agentName: row.agent_name,
    hostname: row.hostname,
    version: row.version,
    protocol: row.protocol,
    capabilities: JSON.parse(row.capabilities) as string[],
    address: row.address,
    policy: row.policy,
    connectedAt: iso(row.connected_at),
    disconnectedAt: row.disconnected_at === null ? null : iso(row.disconnected_at),
    latencyMs,
  };
}

function conflictOf(row: ConflictRow): IdentityConflict {
  return {
    at: iso(row.at),
    attempts: row.attempts,
    refused: JSON.parse(row.refused) as IdentityConflict["refused"],
    connected: JSON.parse(row.connected) as IdentityConflict["connected"],
  };
}

function conflictRow(environmentId: number, conflict: IdentityConflict | undefined): ConflictRow | undefined {
  if (conflict === undefined) return undefined;
  const { at, attempts, refused, connected } = conflict;
  return {
    environment_id: environmentId,
    at: Date.parse(at),
    attempts,
    refused: JSON.stringify(refused),
    connected: JSON.stringify(connected),
  };
}

/** @param tokens newest first */
function tokenInfo(tokens: readonly AgentTokenRow[], now: number): AgentTokenInfo | null {
  const [current, ...previous] = tokens;
  if (current === undefined) return null;
  const ends = previous.flatMap(({ expires_at, revoked_at }) =>
    revoked_at === null && expires_at !== null && expires_at > now ? [expires_at] : [],
  );
  return {
    createdAt: iso(current.created_at),
    lastUsedAt: current.last_used_at === null ? null : iso(current.last_used_at),
    revokedAt: current.revoked_at === null ? null : iso(current.revoked_at),
    previousValidUntil: ends.length === 0 ? null : iso(Math.max(...ends)),
  };
}

function machine({ agentId, agentName, hostname, address }: AgentIdentity): IdentityConflict["refused"] {
  return { agentId, agentName, hostname, address };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
