import { request } from "node:http";
import type { AgentConfig } from "@fairlead/agent";

/** Answer times of a busy engine at the boot of a machine. */
const TIMEOUT_MS = 5_000;

type Engine = AgentConfig["engine"];

/** Why this engine does not answer; `undefined` when it does. TLS engines are left to the agent to judge. */
export function engineProblem(engine: Engine): Promise<string | undefined> {
  if (engine.kind === "tcp" && engine.tls) return Promise.resolve(undefined);
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const address = engine.kind === "unix" ? { socketPath: engine.path } : { host: engine.host, port: engine.port };
  const ping = request({ ...address, path: "/_ping", timeout: TIMEOUT_MS, agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode === 200 ? undefined : `HTTP ${response.statusCode}`);
  });
  ping.once("timeout", () => ping.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
  ping.once("error", (error: NodeJS.ErrnoException) => resolve(reasonOf(error)));
  ping.end();
  return promise;
}

/** Where an engine is, in words. */
export function describeEngine(engine: Engine): string {
  return engine.kind === "unix" ? engine.path : `${engine.host}:${engine.port}`;
}

function reasonOf(error: NodeJS.ErrnoException): string {
  const reasons: Record<string, string> = {
    ENOENT: "there is no such socket",
    EACCES: "permission denied (add your user to the docker group)",
    ECONNREFUSED: "nothing listens there (is the Docker daemon running?)",
  };
  return reasons[error.code ?? ""] ?? error.message;
}
