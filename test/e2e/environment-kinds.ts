import { startAgent, startFaultyNetwork } from "@fairlead/testkit";
import type { ConnectedSocket, Stage } from "./stage.ts";

/** The ways to an engine: each adds an environment of that name to the stage. */
const ways: Record<string, (stage: Stage) => Promise<unknown>> = {
  socket: (stage) =>
    stage.addEnvironment({ name: "socket", kind: "socket", address: `unix://${stage.engine.socketPath}` }),
  direct: async (stage) => {
    const network = stage.keep(await startFaultyNetwork({ path: stage.engine.socketPath }));
    await stage.addEnvironment({ name: "direct", kind: "direct", address: `tcp://127.0.0.1:${network.port}` });
  },
  standard: async (stage) => {
    const token = "a-token-of-the-test";
    const agent = stage.keep(await startAgent({ token, dockerSocket: stage.engine.socketPath }));
    await stage.addEnvironment({ name: "standard", kind: "standard", address: agent.url ?? "", token });
  },
  edge: (stage) => stage.addEdge("edge"),
};

/** The kinds of environment through which everything works that works on the engine's own socket. */
export const kinds: readonly string[] = Object.keys(ways);

/** The kind with most between client and engine, for what takes too long to do through all of them. */
export const longestWay = "edge";

/** Adds an environment of the kind, waits until it is online, and connects to it. */
export async function connectKind(stage: Stage, kind: string): Promise<ConnectedSocket> {
  const add = ways[kind];
  if (add === undefined) throw new Error(`no environment of kind ${kind}: ${kinds.join(", ")}`);
  await add(stage);
  await stage.online(kind);
  return stage.connect(kind);
}
