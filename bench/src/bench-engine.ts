import { join } from "node:path";
import { startProgram } from "@fairlead/testkit";
import { engineTarget, type Target } from "./target.ts";

/** A fast fake engine in a process of its own. */
export interface BenchEngine extends AsyncDisposable {
  readonly socketPath: string;
  readonly direct: Target;
}

export async function startBenchEngine(): Promise<BenchEngine> {
  const program = await startProgram(process.execPath, [join(import.meta.dirname, "engine-process.ts")]);
  const socketPath = (await program.waitForLine(/engine on (\S+)/))[1] ?? "";
  return {
    socketPath,
    direct: engineTarget("direct", { socketPath }),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
