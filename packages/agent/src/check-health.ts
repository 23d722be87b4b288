import { isFairleadError } from "@fairlead/protocol";
import type { AgentConfig } from "./config.ts";
import { EngineClient } from "./engine/engine-client.ts";

/** A health check that takes longer has failed; container engines give up on one after 30 s. */
const TIMEOUT_MS = 10_000;

/**
 * Asks the agent of this machine with this configuration for its health, as `fairlead agent --healthcheck` does.
 * @returns whether it is healthy, and its answer or why there is none
 */
export async function checkHealth(
  config: Pick<AgentConfig, "bindAddress" | "port" | "tlsCert" | "mode">,
): Promise<{ healthy: boolean; message: string }> {
  const isTls = config.mode === "standard" && config.tlsCert !== undefined;
  const address = {
    kind: "tcp",
    host: reachable(config.bindAddress),
    port: config.port,
    // Its certificate is made out for its name, not for this address of its own machine.
    ...(isTls ? { tls: { skipVerify: true } } : {}),
  } as const;
  const client = new EngineClient(address);
  try {
    const call = { method: "GET", path: "/_hawser/health" };
    const { status, body } = await client.request(call, { timeoutMs: TIMEOUT_MS });
    return { healthy: status === 200, message: Buffer.from(body).toString().trim() };
  } catch (error) {
    const isDown = isFairleadError(error, "engine_unreachable");
    const reason = isDown ? "nothing listens there" : (error as Error).message;
    return { healthy: false, message: `no agent answers at ${address.host}:${address.port}: ${reason}` };
  } finally {
    client.close();
  }
}

/** An address to connect to for one that means all of them. */
function reachable(bindAddress: string): string {
  if (bindAddress === "0.0.0.0") return "127.0.0.1";
  return bindAddress === "::" ? "::1" : bindAddress;
}
