import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { CreatedEnvironment } from "@fairlead/protocol/rest";
import {
  type AgentProgram,
  type FaultyNetwork,
  type HubProgram,
  makeTestCertificates,
  startAgent,
  startFaultyNetwork,
  startHub,
  type TestCertificates,
} from "@fairlead/testkit";
import type { Target } from "./target.ts";

/** How the agent dials the hub. A hub listens on one port: with `wss` its callers come over TLS, too. */
export type Link = "ws" | "wss";

export const LINKS: readonly Link[] = ["ws", "wss"];

/** A hub, and an edge agent between it and an engine, each in a process of its own. */
export interface Tunnel extends AsyncDisposable {
  readonly hub: HubProgram;
  readonly agent: AgentProgram;
  /** The hub's Docker endpoint. */
  readonly target: Target;
  /** The network between hub and agent, where one was asked for. */
  readonly network: FaultyNetwork | undefined;
  /** Both ends. */
  readonly pids: readonly number[];
}

export interface TunnelOptions {
  /** The engine's. */
  readonly socketPath: string;
  /** Default `ws`. */
  readonly link?: Link;
  /** False: the agent offers nothing beyond protocol 1.0. */
  readonly hasStreams?: boolean;
  /** Added between agent and hub, half of it each way. */
  readonly roundTripMs?: number;
  /** A network between agent and hub that can be cut, without a round trip too. */
  readonly isCuttable?: boolean;
  /** Added to the agent's environment. */
  readonly agentEnv?: Readonly<Record<string, string>>;
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

export async function openTunnel(options: TunnelOptions): Promise<Tunnel> {
  const { socketPath, link = "ws", hasStreams = true, roundTripMs = 0, isCuttable = false, agentEnv = {} } = options;
  await using stack = new AsyncDisposableStack();
  const certificates = link === "wss" ? stack.use(await makeTestCertificates()) : undefined;
  if (certificates) trust(certificates);
  const hub = stack.use(
    await startHub({
      // All callers of a bench are one.
      env: { FAIRLEAD_REQUESTS_PER_SECOND: "0" },
      ...(certificates === undefined ? {} : { args: tlsArguments(certificates) }),
    }),
  );
  const network = roundTripMs > 0 || isCuttable ? stack.use(await startFaultyNetwork({ port: hub.port })) : undefined;
  network?.delay(roundTripMs / 2);
  const { agentToken } = await addEdgeEnvironment(hub, "bench");
  const agent = stack.use(
    await startAgent({
      serverUrl: `${link}://127.0.0.1:${network?.port ?? hub.port}/api/hawser/connect`,
      token: agentToken,
      dockerSocket: socketPath,
      env: {
        ...(certificates === undefined ? {} : { CA_CERT: certificates.caPath }),
        ...agentEnv,
        ...(hasStreams ? {} : { FAIRLEAD_STREAMS: "off" }),
      },
    }),
  );
  const started = stack.move();
  return {
    hub,
    agent,
    network,
    pids: [hub.pid, agent.pid],
    target: {
      name: hasStreams ? link : `1.0, ${link}`,
      connection: { host: "127.0.0.1", port: hub.port },
      ...(certificates === undefined ? {} : { caPath: certificates.caPath }),
      prefix: "/api/v1/environments/bench/docker",
      headers: { authorization: `Bearer ${hub.token}` },
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

function tlsArguments({ certPath, keyPath }: TestCertificates): string[] {
  return ["--tls-cert", certPath, "--tls-key", keyPath];
}

/** All of this process's clients, `fetch` among them, trust the hub from now on. */
export function trust({ ca }: TestCertificates): void {
  setDefaultCACertificates([...getCACertificates("default"), ca]);
}
