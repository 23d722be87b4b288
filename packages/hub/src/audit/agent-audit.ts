import type { AgentIdentity, AgentSession } from "../link/agent-session.ts";
import type { AuditRecord } from "./record.ts";
import type { AuditRecorder } from "./service.ts";

/** What makes an agent another one. */
export type KnownAgent = Pick<AgentIdentity, "agentId" | "hostname">;

/**
 * Which agents came, for the audit log: one that an environment did not have before, and a second machine that was refused. The
 * same one that comes back is no news, however often.
 */
export class AgentAudit {
  readonly #audit: AuditRecorder;
  /** One an environment each. */
  readonly #known = new Map<number, string>();
  readonly #refused = new Map<number, string>();

  constructor(audit: AuditRecorder) {
    this.#audit = audit;
  }

  /** Before agents are let in. @param known the last agent of each environment. */
  start(known: ReadonlyMap<number, KnownAgent>): void {
    for (const [environmentId, agent] of known) this.#known.set(environmentId, keyOf(agent));
  }

  connected({ environmentId, environmentName, identity }: AgentSession): void {
    const key = keyOf(identity);
    if (this.#known.get(environmentId) === key) return;
    this.#known.set(environmentId, key);
    const environment = { id: environmentId, name: environmentName };
    this.#audit.record({ ...entryOf(identity), action: "agent.connect", outcome: "done", environment });
  }

  /** Machines that dial again and again are told of once, until another is refused. */
  conflict({ environmentId, environmentName }: AgentSession, refused: AgentIdentity): void {
    const key = keyOf(refused);
    if (this.#refused.get(environmentId) === key) return;
    this.#refused.set(environmentId, key);
    const environment = { id: environmentId, name: environmentName };
    const code = "identity_conflict";
    this.#audit.record({ ...entryOf(refused), action: "agent.connect", outcome: "refused", code, environment });
  }

  environmentRemoved(environmentId: number): void {
    this.#known.delete(environmentId);
    this.#refused.delete(environmentId);
  }
}

function keyOf({ agentId, hostname }: KnownAgent): string {
  return JSON.stringify([agentId, hostname]);
}

function entryOf({ agentId, agentName, hostname, address, version }: AgentIdentity) {
  return {
    door: "link",
    actor: { kind: "agent", id: agentId, name: agentName, personId: null },
    address,
    target: hostname,
    details: { version },
  } as const satisfies Partial<AuditRecord>;
}
