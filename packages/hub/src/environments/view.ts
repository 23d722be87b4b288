import { setImmediate as nextTurn } from "node:timers/promises";
import type {
  AgentInfo,
  AgentTokenInfo,
  EngineInfo,
  Environment,
  IdentityConflict,
  Light,
} from "@fairlead/protocol/rest";
import type { EnvironmentRecord } from "./record.ts";

/** What is known of an environment's agent. */
export interface AgentView {
  readonly agent: AgentInfo | null;
  readonly conflict: IdentityConflict | null;
  readonly agentToken: AgentTokenInfo | null;
}

/** Where that comes from: `agents/`. */
export interface AgentViews {
  view(environmentId: number): Promise<AgentView>;
}

/** A host's two lights and the age of what is known of it. */
export interface HostState {
  readonly link: Light;
  readonly engine: Light;
  readonly engineInfo: EngineInfo | null;
  /** ISO 8601. */
  readonly snapshotAt: string | null;
}

/** Where that comes from: `watch/`, from memory. */
export interface HostStates {
  state(environmentId: number): HostState;
}

/** Thousands of views take a second: others get their turn after some milliseconds. */
const VIEWS_PER_TURN = 50;

/** Environments as the REST API shows them: no secrets, with what agents and watch know. */
export class EnvironmentViews {
  readonly #agents: AgentViews;
  readonly #hosts: HostStates;

  constructor(sources: { agents: AgentViews; hosts: HostStates }) {
    this.#agents = sources.agents;
    this.#hosts = sources.hosts;
  }

  async view(record: EnvironmentRecord): Promise<Environment> {
    const { clientKey: _, ...tls } = record.tls ?? {};
    const { link, engine, engineInfo, snapshotAt } = this.#hosts.state(record.id);
    const { agent, conflict, agentToken } = await this.#agents.view(record.id);
    return {
      id: record.id,
      name: record.name,
      kind: record.kind,
      labels: { ...record.labels },
      address: record.address,
      tls: record.tls === null ? null : tls,
      createdAt: new Date(record.createdAt).toISOString(),
      link,
      engine,
      engineInfo,
      agent,
      conflict,
      agentToken,
      snapshotAt,
    };
  }

  async viewAll(records: readonly EnvironmentRecord[]): Promise<Environment[]> {
    const views: Environment[] = [];
    for (const record of records) {
      views.push(await this.view(record));
      if (views.length % VIEWS_PER_TURN === 0) await nextTurn();
    }
    return views;
  }
}
