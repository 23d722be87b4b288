import type { EngineClient } from "../engine/engine-client.ts";
import { HostMetricsReader } from "../host/host-metrics.ts";
import type { Log } from "../log.ts";
import type { Policy } from "../policy/policy.ts";
import { Health } from "../standard/health.ts";
import { type HealthListener, startHealthListener } from "../standard/health-listener.ts";
import type { GuardedEngine } from "../streams/serve-streams.ts";
import { EdgeAgent, type EdgeConfig } from "./edge-agent.ts";
import type { ComposeRunner } from "./hub-session.ts";
import { giveMemoryBackWhenIdle } from "./idle-memory.ts";

export interface StartEdgeOptions {
  readonly config: EdgeConfig;
  readonly engine: EngineClient;
  readonly log: Log;
  readonly version: string;
  /** Undefined: whatever the hub asks. */
  readonly policy?: Policy | undefined;
  readonly onWelcome: (environmentId: number | undefined) => void;
}

/** Edge mode at work. */
export interface RunningEdge {
  /** Of the health check; undefined when its port was taken. */
  readonly address?: { host: string; port: number };
  stop(): Promise<void>;
}

/** Starts edge mode: the link to the hub, and the health check on this machine. */
export async function startEdge({
  config,
  engine,
  log,
  version,
  policy,
  onWelcome,
}: StartEdgeOptions): Promise<RunningEdge> {
  const host = new HostMetricsReader({
    hostProc: config.hostProc,
    // The disk of an engine on another machine cannot be seen from here.
    dataRoot: async () => (config.engine.kind === "unix" ? await engine.dataRoot() : undefined),
    skipDisk: config.skipDfCollection,
  });
  const agent = new EdgeAgent({
    config,
    engine,
    log,
    version,
    policy,
    compose: composeRunner(config, log, policy && { policy, engine }),
    hasCompose: async () => (await import("../compose/compose-program.ts")).composeAvailable(),
    readMetrics: () => host.read(),
    onWelcome,
  });
  const health = new Health({ engine, isConnected: () => agent.isConnected });
  const listener = await listenForHealth(config, health, log);
  await agent.start();
  const stopGivingBack = giveMemoryBackWhenIdle(() => agent.workCount, log);
  return {
    ...(listener ? { address: listener.address } : {}),
    stop: async () => {
      stopGivingBack();
      await Promise.all([agent.stop(), listener?.stop()]);
    },
  };
}

function composeRunner(config: EdgeConfig, log: Log, guarded: GuardedEngine | undefined): ComposeRunner {
  const { stacksDir, composeTimeoutMs: timeoutMs, engine } = config;
  return async (body, options) => {
    const { runCompose } = await import("../compose/run-compose.ts");
    return await runCompose(body, { stacksDir, timeoutMs, engine, log, guarded, ...options });
  };
}

/** The health check is a convenience: a second agent on the machine works without. */
async function listenForHealth(
  { bindAddress, port }: EdgeConfig,
  health: Health,
  log: Log,
): Promise<HealthListener | undefined> {
  try {
    return await startHealthListener(bindAddress, port, health);
  } catch (error) {
    const reason = (error as Error).message;
    log.warn("going on without the health check; set PORT (or BIND_ADDRESS) to have one", { reason });
    return undefined;
  }
}
