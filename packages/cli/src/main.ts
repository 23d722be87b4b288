import { reportError } from "./errors.ts";

const args = process.argv.slice(2);

// A reader that goes away (`fairlead ps | head -1`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

try {
  // The agent is small when idle: nothing of the command line's other parts is loaded for it.
  if (args[0] === "agent" && !args.includes("--help") && !args.includes("-h")) {
    const { runAgentProgram } = await import("./agent-program.ts");
    await runAgentProgram(args.slice(1));
  } else {
    const { runProgram } = await import("./program.ts");
    await runProgram(args);
  }
} catch (error) {
  process.exitCode = reportError(error);
}
