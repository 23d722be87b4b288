import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineClient } from "../engine/engine-client.ts";
import { createLog } from "../log.ts";
import { EdgeAgent, type EdgeAgentOptions, type EdgeConfig } from "./edge-agent.ts";

export interface TestEdgeOptions {
  readonly url: string;
  readonly token: string;
  readonly socketPath: string;
  readonly config?: Partial<EdgeConfig>;
  readonly options?: Partial<EdgeAgentOptions>;
}

/** An edge agent in the process of a test, with its log. For tests only. */
export interface TestEdgeAgent extends AsyncDisposable {
  readonly agent: EdgeAgent;
  readonly engine: EngineClient;
  readonly dataDir: string;
  /** Lines of the log, from debug up. */
  readonly lines: string[];
  /** Environments of the welcomes. */
  readonly welcomes: (number | undefined)[];
}

/** Starts one that comes back after 50 to 200 ms and keeps its data in a temporary folder unless `config` says otherwise. */
export async function startTestEdgeAgent(options: TestEdgeOptions): Promise<TestEdgeAgent> {
  const folder = await mkdtemp(join(tmpdir(), "fl-edge-"));
  const lines: string[] = [];
  const welcomes: (number | undefined)[] = [];
  const config: EdgeConfig = { ...testConfig(options, folder), ...options.config };
  const engine = new EngineClient(config.engine);
  const agent = new EdgeAgent({
    config,
    engine,
    log: createLog("debug", (line) => lines.push(line)),
    version: "0.1.0",
    compose: () => Promise.reject(new Error("no compose in this test")),
    hasCompose: () => Promise.resolve(false),
    readMetrics: () => Promise.resolve({ cpuUsage: 1, cpuCores: 2, uptime: 3 }),
    onWelcome: (environmentId) => welcomes.push(environmentId),
    eventRetryMs: 50,
    ...options.options,
  });
  await agent.start();
  const stop = async (): Promise<void> => {
    await agent.stop();
    engine.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { agent, engine, dataDir: config.dataDir, lines, welcomes, [Symbol.asyncDispose]: stop };
}

function testConfig({ url, token, socketPath }: TestEdgeOptions, folder: string): EdgeConfig {
  return {
    mode: "edge",
    streams: true,
    serverUrl: new URL(url),
    token,
    tlsSkipVerify: false,
    bindAddress: "127.0.0.1",
    port: 0,
    engine: { kind: "unix", path: socketPath },
    agentId: "agent-1",
    agentName: "test-host",
    hostname: "test-machine",
    heartbeatMs: 30_000,
    requestTimeoutMs: 30_000,
    composeTimeoutMs: 30_000,
    reconnectDelayMs: 50,
    maxReconnectDelayMs: 200,
    welcomeTimeoutMs: 30_000,
    stacksDir: join(folder, "stacks"),
    skipDfCollection: false,
    allowInsecureNoAuth: false,
    logLevel: "debug",
    hostProc: "/proc",
    metricsIntervalMs: 30_000,
    proxy: { noProxy: [] },
    dataDir: folder,
    warnings: [],
  };
}
