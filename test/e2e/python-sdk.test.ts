import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "@fairlead/testkit";
import { connectKind, longestWay } from "./environment-kinds.ts";
import { type ConnectedSocket, Stage } from "./stage.ts";

// The Docker SDK for Python, as Debian has it, gets through the tunnel what it gets on the engine's own socket.
let stage: Stage;
let host: ConnectedSocket;
beforeAll(async () => {
  stage = await Stage.open();
  host = await connectKind(stage, longestWay);
});
afterAll(() => stage[Symbol.asyncDispose]());

/** Debian's: another one first on PATH does not see Debian's packages. */
const PYTHON = "/usr/bin/python3";

/** Each use's name, with what came of it. */
async function outcomes(socketPath: string): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await runCommand(
    PYTHON,
    ["-B", join(import.meta.dirname, "clients", "python", "uses.py")],
    {
      env: { ...host.env, DOCKER_HOST: `unix://${socketPath}` },
      timeoutMs: 170_000,
    },
  );
  expect([code, stderr.toString()]).toEqual([0, ""]);
  const lines = stdout.toString().trimEnd().split("\n");
  const results = lines.map((line) => JSON.parse(line) as { use: string; outcome?: unknown; failure?: string });
  expect(results.filter(({ failure }) => failure !== undefined)).toEqual([]);
  return Object.fromEntries(results.map(({ use, outcome }) => [use, outcome]));
}

test("each use has the same outcome as on the engine's own socket", { timeout: 360_000 }, async () => {
  const direct = await outcomes(stage.engine.socketPath);
  expect(Object.keys(direct).length).toBeGreaterThanOrEqual(25);
  expect(await outcomes(host.path)).toEqual(direct);
});
