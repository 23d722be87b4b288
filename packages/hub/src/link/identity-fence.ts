import type { AgentAdmission, AgentIdentity } from "./agent-session.ts";
import type { LinkLimits } from "./link-limits.ts";
import type { LinkSession } from "./link-session.ts";

/** An agent with a good token that asks to be let in. */
export interface Newcomer {
  readonly identity: AgentIdentity;
  readonly admission: AgentAdmission;
  /** False once it has gone away or was refused. */
  readonly isOpen: boolean;
}

/** What the fence decides about. */
export interface FencedSessions<N extends Newcomer> {
  current(environmentId: number): LinkSession | undefined;
  admit(newcomer: N): void;
  /** Another machine holds the environment. */
  refuse(newcomer: N, connected: AgentIdentity): void;
}

/**
 * One agent an environment. The same agent replaces its own older connection. Another one with the same token does not
 * take over: the older connection is probed first, and gives way only if it is dead. However many come during a probe,
 * there is one probe, and they are judged in the order in which they came.
 */
export class IdentityFence<N extends Newcomer> {
  readonly #limits: LinkLimits;
  readonly #sessions: FencedSessions<N>;
  /** Newcomers that wait for the probe of an environment's session. */
  readonly #waiting = new Map<number, N[]>();

  constructor(limits: LinkLimits, sessions: FencedSessions<N>) {
    this.#limits = limits;
    this.#sessions = sessions;
  }

  join(newcomer: N): void {
    const { environmentId } = newcomer.admission;
    const current = this.#sessions.current(environmentId);
    const waiting = this.#waiting.get(environmentId);
    if (current !== undefined && isSameAgent(current.identity, newcomer.identity)) {
      this.#replace(current, newcomer);
    } else if (waiting !== undefined) {
      this.#wait(waiting, newcomer, current);
    } else if (current === undefined) {
      this.#sessions.admit(newcomer);
    } else {
      this.#waiting.set(environmentId, [newcomer]);
      void current
        .answers(this.#limits.probeTimeoutMs)
        .then((isAlive) => this.#settle(environmentId, current, isAlive));
    }
  }

  /** Newcomers that wait for a probe. */
  *contenders(): Iterable<N> {
    for (const waiting of this.#waiting.values()) yield* waiting;
  }

  #wait(waiting: N[], newcomer: N, current: LinkSession | undefined): void {
    if (waiting.length < this.#limits.maxContenders || current === undefined) waiting.push(newcomer);
    else this.#sessions.refuse(newcomer, current.identity);
  }

  #settle(environmentId: number, probed: LinkSession, isAlive: boolean): void {
    const waiting = this.#waiting.get(environmentId) ?? [];
    this.#waiting.delete(environmentId);
    for (const newcomer of waiting) {
      if (!newcomer.isOpen) continue;
      const current = this.#sessions.current(environmentId);
      if (current === probed && !isAlive) {
        probed.terminate("it did not answer a probe when another agent came with the same token");
        this.#sessions.admit(newcomer);
      } else if (current === undefined) {
        this.#sessions.admit(newcomer);
      } else if (isSameAgent(current.identity, newcomer.identity)) {
        this.#replace(current, newcomer);
      } else {
        this.#sessions.refuse(newcomer, current.identity);
      }
    }
  }

  #replace(current: LinkSession, newcomer: N): void {
    current.close(1000, "This agent connected again; its older connection is closed.", "replaced");
    this.#sessions.admit(newcomer);
  }
}

/** An agent without an id cannot be told from another one. */
function isSameAgent(one: AgentIdentity, other: AgentIdentity): boolean {
  return one.agentId !== "" && one.agentId === other.agentId;
}

/** The refusal, in words that name both machines. */
export function conflictMessage(refused: AgentIdentity, connected: AgentIdentity): string {
  return `Another machine is connected with this token: ${describe(connected)}. This one is ${describe(refused)}. Give each machine an environment and a token of its own, or stop the other agent.`;
}

function describe({ agentName, hostname, agentId, address }: AgentIdentity): string {
  return `agent ${JSON.stringify(agentName)} on host ${JSON.stringify(hostname)} at ${address} (id ${JSON.stringify(agentId)})`;
}
