/** For tests: the session of an edge agent whose engine is dialled directly. */
import { FairleadError } from "@fairlead/protocol";
import type { CallOptions, EngineAnswer, EngineCall, EngineConnection } from "../engine/engine-connection.ts";
import type { AgentSession } from "../link/agent-session.ts";

export function sessionFixture(
  environmentId: number,
  engine: EngineConnection,
  identity: Partial<AgentSession["identity"]> = {},
): AgentSession {
  const connectedAt = Date.now();
  return {
    environmentId,
    environmentName: `host-${environmentId}`,
    tokenId: 1,
    identity: {
      agentId: `agent-${environmentId}`,
      agentName: "agent",
      hostname: "host",
      version: "0.2.40",
      protocol: "1.0",
      dockerVersion: "26.1.5",
      capabilities: [],
      address: "127.0.0.1",
      ...identity,
    },
    streams: undefined,
    connectedAt,
    lastMessageAt: connectedAt,
    latencyMs: undefined,
    ping: () => Promise.resolve(1),
    close: () => {},
    request: (call: EngineCall, options?: CallOptions) => asAgent(engine.request(call, options)),
    openStream: (call, options) => engine.openStream(call, options),
    openTerminal: (start, options) => engine.openTerminal(start, options),
  };
}

async function asAgent(answer: Promise<EngineAnswer>): Promise<EngineAnswer> {
  try {
    return await answer;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new FairleadError("engine_unreachable", message);
  }
}
