import { toFairleadError } from "@fairlead/protocol";

/** The command line is wrong: exit code 2. The message says what is allowed. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command ends with this exit code and says nothing more: it has said all, or a child of it has. */
export class ExitCode extends Error {
  override readonly name = "ExitCode";
  readonly code: number;

  constructor(code: number) {
    super(`exit code ${code}`);
    this.code = code;
  }
}

/** Exit codes: failed, and wrongly called. */
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;

/** Says in one line on standard error what went wrong, and returns the exit code. */
export function reportError(error: unknown): number {
  if (error instanceof ExitCode) return error.code;
  if (error instanceof UsageError) {
    say(error.message);
    return EXIT_USAGE;
  }
  const failure = toFairleadError(error);
  say(
    failure.code === "hub_unreachable" ? `${failure.message}; 'fairlead doctor' tells where it fails` : failure.message,
  );
  if (failure.code === "internal" && process.env["FAIRLEAD_DEBUG"]) console.error(error);
  return failure.code === "config_invalid" ? EXIT_USAGE : EXIT_FAILED;
}

function say(message: string): void {
  process.stderr.write(`fairlead: ${message.replace(/\s*\n\s*/g, " ")}\n`);
}
