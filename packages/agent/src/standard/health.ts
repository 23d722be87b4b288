import type { EngineClient } from "../engine/engine-client.ts";
import type { DiskFigures } from "../host/disk.ts";

/** What `/_hawser/health` answers. */
export interface HealthAnswer {
  /** 503: the Docker Engine does not answer. */
  status: 200 | 503;
  body: { status: "healthy" | "unhealthy"; mode?: "edge"; connected?: boolean; message?: string };
}

/** Where answers about the agent's health come from. */
export interface HealthSource {
  engine: Pick<EngineClient, "request">;
  /** In edge mode: whether the hub has welcomed this agent. */
  isConnected?: () => boolean;
}

/** An engine that is well answers a ping in milliseconds. */
const PING_TIMEOUT_MS = 5_000;

/** Anyone may ask for the health: however many do, the engine is asked once in this time, in milliseconds. */
const PING_CACHE_MS = 1_000;

/** Tells the agent's health, asking the engine at most once a second. */
export class Health {
  readonly #source: HealthSource;
  #ping: Promise<string | undefined> | undefined;
  #pingedAt = 0;

  constructor(source: HealthSource) {
    this.#source = source;
  }

  async read(): Promise<HealthAnswer> {
    const now = performance.now();
    if (this.#ping === undefined || now - this.#pingedAt > PING_CACHE_MS) {
      this.#ping = this.#pingEngine();
      this.#pingedAt = now;
    }
    const failure = await this.#ping;
    const { isConnected } = this.#source;
    const edge = isConnected ? ({ mode: "edge", connected: isConnected() } as const) : {};
    if (failure === undefined) return { status: 200, body: { status: "healthy", ...edge } };
    return { status: 503, body: { status: "unhealthy", ...edge, message: failure } };
  }

  async #pingEngine(): Promise<string | undefined> {
    try {
      const call = { method: "GET", path: "/_ping" };
      const { status } = await this.#source.engine.request(call, { timeoutMs: PING_TIMEOUT_MS, maxBytes: 1024 });
      return status === 200 ? undefined : `The Docker Engine answered a ping with ${status}`;
    } catch (error) {
      return (error as Error).message;
    }
  }
}

/** What `/_hawser/info` answers. */
export interface AgentInfo extends DiskFigures {
  agentId: string;
  agentName: string;
  /** Empty while the engine does not answer. */
  dockerVersion: string;
  hawserVersion: string;
  mode: "edge" | "standard";
  /** Seconds since the agent started. */
  uptime: number;
  /** Name of the policy; absent: `full`. */
  policy?: string;
}

/** What is known about the agent without asking the engine. */
export type AgentFacts = Pick<AgentInfo, "agentId" | "agentName" | "hawserVersion" | "mode" | "policy">;

/** @param readDisk `SKIP_DF_COLLECTION` and engines elsewhere: gives nothing */
export async function readAgentInfo(
  facts: AgentFacts,
  engine: Pick<EngineClient, "version">,
  readDisk: () => Promise<DiskFigures>,
): Promise<AgentInfo> {
  const [version, disk] = await Promise.all([engine.version().catch(() => undefined), readDisk()]);
  return { ...facts, dockerVersion: version?.version ?? "", uptime: Math.floor(process.uptime()), ...disk };
}
