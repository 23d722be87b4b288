import { Command, CommanderError } from "commander";
import { agent } from "./commands/agent.ts";
import { audit } from "./commands/audit/index.ts";
import { connect } from "./commands/connect.ts";
import { docker } from "./commands/docker.ts";
import { doctor } from "./commands/doctor.ts";
import { env } from "./commands/env/index.ts";
import { events } from "./commands/events.ts";
import { exec } from "./commands/exec.ts";
import { hub } from "./commands/hub.ts";
import { login } from "./commands/login.ts";
import { logs } from "./commands/logs.ts";
import { person } from "./commands/person/index.ts";
import { policy } from "./commands/policy/index.ts";
import { ps } from "./commands/ps.ts";
import { role } from "./commands/role/index.ts";
import { stats } from "./commands/stats.ts";
import { token } from "./commands/token/index.ts";
import { up } from "./commands/up.ts";
import { version } from "./commands/version.ts";
import { whoami } from "./commands/whoami.ts";
import { EXIT_USAGE, ExitCode } from "./errors.ts";

const GROUPS = {
  "Start:": [up, hub, agent],
  "Hosts:": [env, connect, docker, policy],
  "Containers:": [ps, logs, exec, stats, events],
  "Access and help:": [login, whoami, person, token, role, audit, doctor, version],
} as const;

/** All commands with their help. */
export function buildProgram(): Command {
  const program = new Command("fairlead")
    .description("Manage Docker hosts anywhere as if each were local.")
    .usage("COMMAND [OPTIONS]")
    // `docker ENV ARGS` and `exec ENV CONTAINER ARGS` hand options after their arguments on.
    .enablePositionalOptions()
    .addHelpText("after", "\nExamples:\n  $ fairlead up\n  $ fairlead env add web-1\n  $ fairlead ps\n");
  for (const [group, commands] of Object.entries(GROUPS)) {
    for (const make of commands) program.addCommand(make().helpGroup(group));
  }
  forAll(program, (command) =>
    command
      .exitOverride()
      .showSuggestionAfterError(true)
      .helpOption("-h, --help", "show this help")
      .configureOutput({ outputError: () => {} }),
  );
  return program;
}

/** Runs one command line. @throws what the command throws; `ExitCode` when everything is said already. */
export async function runProgram(args: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync(args, { from: "user" });
  } catch (error) {
    throw error instanceof CommanderError ? usageFailure(error, args) : error;
  }
}

/** Commander's complaint in one line, with where to read on. Help that was asked for is no failure. */
function usageFailure(error: CommanderError, args: readonly string[]): ExitCode {
  if (error.exitCode === 0) return new ExitCode(0);
  // Without a command it has shown the help already.
  if (error.code === "commander.help") return new ExitCode(EXIT_USAGE);
  const text = error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
  const words = args.filter((word) => /^[a-z][a-z-]*$/.test(word)).slice(0, 1);
  process.stderr.write(`fairlead: ${text}; see 'fairlead ${[...words, "--help"].join(" ")}'\n`);
  return new ExitCode(EXIT_USAGE);
}

function forAll(command: Command, change: (command: Command) => void): void {
  change(command);
  for (const child of command.commands) forAll(child, change);
}
