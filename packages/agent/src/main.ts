import { FairleadError } from "@fairlead/protocol";
import manifest from "../package.json" with { type: "json" };
import type { AgentConfig } from "./config.ts";
import { EngineClient } from "./engine/engine-client.ts";
import { createLog, type Log } from "./log.ts";
import type { Policy } from "./policy/policy.ts";

export { type AgentConfig, type ConfigOverrides, loadConfig } from "./config.ts";
export { checkHealth } from "./check-health.ts";
export { hubKeyCheck } from "./joining/hub-key-check.ts";
export { proxyFor } from "./link/proxy.ts";
export { createLog, type Log, type LogFields } from "./log.ts";
export { stopOnSignals } from "./stop-on-signals.ts";

/** Version of the agent program, as `hello.version` and `/_hawser/info` carry it. */
export const AGENT_VERSION: string = manifest.version;

export interface RunAgentOptions {
  /** Default: standard error at `config.logLevel`. */
  readonly log?: Log;
  /** Takes the lines for programs that wait for the agent. Default: standard output. */
  readonly print?: (line: string) => void;
}

/** An agent at work. */
export interface RunningAgent {
  /** Where it listens: the Docker API in standard mode, the health check in edge mode (unless its port is taken). */
  readonly address?: { readonly host: string; readonly port: number };
  /** Resolves when it has stopped. */
  readonly stopped: Promise<void>;
  /** Ends what is open and resolves within a few seconds. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Starts the agent in the mode that its configuration says.
 *
 * Prints `fairlead agent listening on http(s)://ADDRESS:PORT` (standard mode), or after each welcome
 * `fairlead agent connected to URL as environment N` (edge mode; without the number when the hub does not say it).
 *
 * @throws FairleadError `config_invalid` when the policy's file cannot be read or is no policy
 * @throws the system's error when standard mode cannot listen
 */
export async function runAgent(config: AgentConfig, options: RunAgentOptions = {}): Promise<RunningAgent> {
  const log = options.log ?? createLog(config.logLevel);
  const print = options.print ?? ((line) => void process.stdout.write(`${line}\n`));
  for (const warning of config.warnings) log.warn(warning);
  const policy = await readPolicy(config, log);
  const engine = new EngineClient(config.engine);
  // Each mode is loaded only where it runs: what is not loaded takes no memory.
  const mode =
    config.mode === "standard"
      ? await runStandard(config, engine, log, policy, print)
      : await runEdge(config, engine, log, policy, print);
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await mode.stop();
    engine.close();
    resolve();
  };
  return {
    ...(mode.address === undefined ? {} : { address: mode.address }),
    stopped,
    stop: () => (stopping ??= stop()),
  };
}

type RunningMode = Pick<RunningAgent, "address" | "stop">;
type Print = (line: string) => void;

/** Undefined with `POLICY=full`: then nothing is looked at, and what would look is not in memory. */
async function readPolicy({ policy }: AgentConfig, log: Log): Promise<Policy | undefined> {
  if (policy === undefined || policy === "full") return undefined;
  const [{ loadPolicy }, { LoggedPolicy }] = await Promise.all([
    import("./policy/load-policy.ts"),
    import("./policy/logged-policy.ts"),
  ]);
  const loaded = await loadPolicy(policy);
  log.info("this host's policy is in force", { policy: loaded.name });
  return new LoggedPolicy(loaded, log);
}

async function runStandard(
  config: AgentConfig,
  engine: EngineClient,
  log: Log,
  policy: Policy | undefined,
  print: Print,
): Promise<RunningMode> {
  const { startStandard } = await import("./standard/standard-server.ts");
  const standard = await startStandard({ config, engine, log, policy, version: AGENT_VERSION });
  print(`fairlead agent listening on ${standard.url}`);
  return standard;
}

async function runEdge(
  config: AgentConfig,
  engine: EngineClient,
  log: Log,
  policy: Policy | undefined,
  print: Print,
): Promise<RunningMode> {
  const { serverUrl } = config;
  if (serverUrl === undefined) throw new FairleadError("config_invalid", "edge mode needs a server URL");
  const { startEdge } = await import("./link/start-edge.ts");
  return await startEdge({
    config: { ...config, serverUrl },
    engine,
    log,
    policy,
    version: AGENT_VERSION,
    onWelcome: (environmentId) => {
      const environment = environmentId === undefined ? "" : ` as environment ${environmentId}`;
      print(`fairlead agent connected to ${serverUrl.href}${environment}`);
    },
  });
}
