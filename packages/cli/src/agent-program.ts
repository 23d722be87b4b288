import { parseArgs } from "node:util";
import { UsageError } from "./errors.ts";

/** Options of `fairlead agent`, for the parser and the help text. */
export const AGENT_OPTIONS = {
  server: { type: "string", help: "the hub to dial, ws(s)://… (default: FAIRLEAD_SERVER_URL or DOCKHAND_SERVER_URL)" },
  token: { type: "string", help: "its token (visible to other users: better TOKEN or TOKEN_FILE)" },
  "join-key": {
    type: "string",
    help: "traded once for a token of its own (visible to other users: better FAIRLEAD_JOIN_KEY or FAIRLEAD_JOIN_KEY_FILE)",
  },
  healthcheck: { type: "boolean", help: "ask the agent of this machine for its health; exit 0 or 1" },
  version: { type: "boolean", help: "print the agent's version" },
  "exit-with-stdin": { type: "boolean", help: "end when standard input ends, for programs that start an agent" },
} as const;

/** `fairlead agent`. @throws UsageError, FairleadError config_invalid and what keeps the agent from starting. */
export async function runAgentProgram(args: string[]): Promise<void> {
  const options = parse(args);
  const agent = await import("@fairlead/agent");
  if (options.version) return void process.stdout.write(`${agent.AGENT_VERSION}\n`);
  const config = agent.loadConfig(process.env, {
    ...(options.server === undefined ? {} : { server: options.server }),
    ...(options.token === undefined ? {} : { token: options.token }),
    ...(options["join-key"] === undefined ? {} : { joinKey: options["join-key"] }),
  });
  if (options.healthcheck) {
    const { healthy, message } = await agent.checkHealth(config);
    process.stdout.write(`${message}\n`);
    process.exitCode = healthy ? 0 : 1;
    return;
  }
  const running = await agent.runAgent(config);
  agent.stopOnSignals(running);
  if (options["exit-with-stdin"]) stopWithStandardInput(running);
  await running.stopped;
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: AGENT_OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}; see 'fairlead agent --help'`);
  }
}

/** However the program that started us ended, its end of the pipe is closed then. */
function stopWithStandardInput(running: { stop(): Promise<void> }): void {
  const stop = (): void => void running.stop().finally(() => process.exit(0));
  process.stdin.once("end", stop).once("error", stop).resume();
}
