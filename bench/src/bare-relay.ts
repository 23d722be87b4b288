import { join } from "node:path";
import { makeTestCertificates, startProgram } from "@fairlead/testkit";
import { engineTarget, type Target } from "./target.ts";
import { type Link, trust } from "./tunnel.ts";

/**
 * The least that two ends in Node.js can do: sockets piped into each other, a connection of its own for each caller, no WebSocket, no HTTP,
 * no streams, no checks. What it misses, no hub and agent on Node.js's sockets can reach.
 */
export interface BareRelay extends AsyncDisposable {
  readonly target: Target;
  /** Both ends. */
  readonly pids: readonly number[];
}

const PROGRAM = join(import.meta.dirname, "relay-process.ts");

/** @param options `socketPath` is the engine's. With `wss` both legs are encrypted, as they are with a hub. */
export async function openBareRelay({ socketPath, link }: { socketPath: string; link: Link }): Promise<BareRelay> {
  await using stack = new AsyncDisposableStack();
  const certificates = link === "wss" ? stack.use(await makeTestCertificates()) : undefined;
  if (certificates) trust(certificates);
  const start = (args: string[]) => startProgram(process.execPath, [PROGRAM, ...args]);
  const hub = stack.use(
    await start(["hub", ...(certificates === undefined ? [] : [certificates.certPath, certificates.keyPath])]),
  );
  const [, agents = "", callers = ""] = await hub.waitForLine(/agents on (\d+), callers on (\d+)/);
  const agent = stack.use(
    await start(["agent", agents, socketPath, ...(certificates === undefined ? [] : [certificates.caPath])]),
  );
  await agent.waitForLine(/dialled/);
  const started = stack.move();
  return {
    target: {
      ...engineTarget(`bare, ${link}`, { host: "127.0.0.1", port: Number(callers) }),
      ...(certificates === undefined ? {} : { caPath: certificates.caPath }),
    },
    pids: [hub.pid, agent.pid],
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
