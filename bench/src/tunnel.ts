import { join } from "node:path";
import type { CreatedEnvironment } from "@fairlead/protocol/rest";
import {
  type AgentProgram,
  type DockerTarget,
  type HubProgram,
  type Program,
  startAgent,
  startHub,
  startProgram,
} from "@fairlead/testkit";

/** Where a client sends Docker API calls: a unix socket, or the hub's Docker endpoint. */
export interface Target extends DockerTarget {
  readonly name: "direct" | "tunnel";
}

export interface TunnelOptions {
  /** A real engine's; default a fake one is started. */
  dockerSocket?: string;
  /** What the agent dials instead of the hub's port. */
  dialledPort?: (hubPort: number) => Promise<number>;
  /** Added to the agent's environment. */
  agentEnv?: Record<string, string>;
}

/** A fake engine, a hub, and an edge agent between them, each in a process of its own. */
export interface Tunnel extends AsyncDisposable {
  readonly hub: HubProgram;
  readonly agent: AgentProgram;
  readonly direct: Target;
  readonly tunnel: Target;
}

/** Creates an environment through the API; its id and agent token. */
export async function addEdgeEnvironment(hub: HubProgram, name: string): Promise<{ id: number; agentToken: string }> {
  const response = await fetch(`${hub.url}/api/v1/environments`, {
    method: "POST",
    headers: { authorization: `Bearer ${hub.token}`, "content-type": "application/json" },
    body: JSON.stringify({ name, kind: "edge" }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const { environment, agentToken = "" } = (await response.json()) as CreatedEnvironment;
  return { id: environment.id, agentToken };
}

export async function openTunnel(options: TunnelOptions = {}): Promise<Tunnel> {
  const { dockerSocket, dialledPort = (port) => Promise.resolve(port), agentEnv = {} } = options;
  const engine = dockerSocket === undefined ? await startEngine() : undefined;
  const socketPath = dockerSocket ?? (await engineSocket(engine));
  const hub = await startHub();
  const { agentToken } = await addEdgeEnvironment(hub, "bench");
  const serverUrl = `ws://127.0.0.1:${await dialledPort(hub.port)}/api/hawser/connect`;
  const agent = await startAgent({ serverUrl, token: agentToken, dockerSocket: socketPath, env: agentEnv });
  return {
    hub,
    agent,
    direct: { name: "direct", connection: { socketPath }, prefix: "", headers: {} },
    tunnel: {
      name: "tunnel",
      connection: { host: "127.0.0.1", port: hub.port },
      prefix: "/api/v1/environments/bench/docker",
      headers: { authorization: `Bearer ${hub.token}` },
    },
    async [Symbol.asyncDispose]() {
      await agent.stop();
      await hub.stop();
      await engine?.stop();
    },
  };
}

function startEngine(): Promise<Program> {
  return startProgram(process.execPath, [join(import.meta.dirname, "engine-process.ts")], {
    readyPattern: /engine on/,
  });
}

async function engineSocket(engine: Program | undefined): Promise<string> {
  return (await engine?.waitForLine(/engine on (\S+)/))?.[1] ?? "";
}
