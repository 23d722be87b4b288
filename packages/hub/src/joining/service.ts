import { FairleadError } from "@fairlead/protocol";
import { DEFAULT_JOIN_KEY_TTL_SECONDS, type Join, type JoinedAgent, type JoinKey } from "@fairlead/protocol/rest";
import type { Logger } from "pino";
import { hashAgentToken, isSameHash, newAgentToken } from "../agents/agent-token.ts";
import type { JoinKeyRow } from "../database/schema.ts";
import { hashJoinKey, keyFingerprint, newJoinKey } from "./join-key.ts";
import type { JoinKeyStore } from "./store.ts";

export interface JoinServiceOptions {
  readonly store: JoinKeyStore;
  /** Closes the connections of tokens that ended. */
  readonly agents: { replaced(tokenIds: readonly number[], reason: string): void };
  /** The hub's own certificate, PEM; undefined where it has none, or a proxy before it has it. */
  readonly certificate: string | undefined;
  /** What is shown of the environment has changed. */
  readonly onChange: (environmentId: number) => void;
  readonly log: Logger;
}

export interface NewJoinKey {
  readonly joinKey: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** What an agent gets for its join key. */
export interface JoinedAs {
  /** The secret, which is not kept. */
  readonly token: string;
  readonly environmentId: number;
  readonly environmentName: string;
}

/**
 * Join keys: whoever comes with an open one, first, becomes the environment's agent.
 *
 * A join key is the word of who manages the environment that this machine is to be its agent from now on. So the tokens
 * before end with it, at once, and the connection of an agent that had one. Fencing is for dials: two machines that share
 * a token are told apart there, as ever.
 */
export class JoinService {
  readonly #options: JoinServiceOptions;

  constructor(options: JoinServiceOptions) {
    this.#options = options;
  }

  /** @throws FairleadError conflict when too many are open. */
  async issue(environmentId: number, ttlSeconds: number = DEFAULT_JOIN_KEY_TTL_SECONDS): Promise<NewJoinKey> {
    const { store, certificate } = this.#options;
    const joinKey = newJoinKey(certificate === undefined ? undefined : keyFingerprint(certificate));
    const now = Date.now();
    const expiresAt = now + ttlSeconds * 1000;
    await store.insert(environmentId, hashJoinKey(joinKey), now, expiresAt);
    return { joinKey, expiresAt: iso(expiresAt) };
  }

  /** Open ones, and the last that ended; newest first. */
  async list(environmentId: number): Promise<JoinKey[]> {
    const now = Date.now();
    return (await this.#options.store.list(environmentId)).map((row) => joinKey(row, now));
  }

  /** Ends those that are open. The agent that joined with another one stays. */
  revoke(environmentId: number): Promise<void> {
    return this.#options.store.revoke(environmentId, Date.now());
  }

  /**
   * @param address Where it came from.
   * @throws FairleadError join_key_invalid, join_key_used, join_key_expired.
   */
  async join({ joinKey, agentId, agentName, hostname, attempt }: Join, address: string): Promise<JoinedAs> {
    const { store, agents, onChange, log } = this.#options;
    const keyHash = hashJoinKey(joinKey);
    const token = newAgentToken();
    const agent: JoinedAgent = { agentId, agentName, hostname, address };
    const joined = await store.join({
      keyHash,
      tokenHash: hashAgentToken(token),
      agent,
      attemptHash: attempt === undefined ? null : hashAgentToken(attempt),
      now: Date.now(),
    });
    if (joined === undefined) throw refusal(keyHash, await store.find(keyHash));
    const { environmentId, environmentName, endedTokens } = joined;
    agents.replaced(endedTokens, "Token regenerated: an agent joined with a join key.");
    onChange(environmentId);
    log.info({ environmentId, ...agent }, "An agent joined with a join key");
    return { token, environmentId, environmentName };
  }
}

function refusal(hash: string, found: JoinKeyRow | undefined): FairleadError {
  const next = "Make a new one: fairlead env join-key NAME.";
  if (found === undefined || !isSameHash(found.hash, hash) || found.revoked_at !== null) {
    return new FairleadError("join_key_invalid", `The join key is not known to this hub, or was revoked. ${next}`);
  }
  if (found.used_at !== null) {
    return new FairleadError(
      "join_key_used",
      `An agent joined with this join key at ${iso(found.used_at)}; it works once. ${next} If that was not this machine, ` +
        "see with fairlead env join-key NAME --list which one it was; a new key ends its token.",
    );
  }
  return new FairleadError("join_key_expired", `The join key expired at ${iso(found.expires_at)}. ${next}`);
}

function joinKey(row: JoinKeyRow, now: number): JoinKey {
  return {
    id: row.id,
    state: stateOf(row, now),
    createdAt: iso(row.created_at),
    expiresAt: iso(row.expires_at),
    usedAt: row.used_at === null ? null : iso(row.used_at),
    usedBy: row.used_by === null ? null : (JSON.parse(row.used_by) as JoinedAgent),
  };
}

function stateOf(row: JoinKeyRow, now: number): JoinKey["state"] {
  if (row.used_at !== null) return "used";
  if (row.revoked_at !== null) return "revoked";
  return row.expires_at <= now ? "expired" : "open";
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
