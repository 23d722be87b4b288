import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { isFairlead, searchLines } from "./leaked-secrets.ts";

export interface RunOptions {
  /** Written to standard input, which is then closed. Without it standard input is empty. */
  input?: string | Uint8Array | Readable;
  /** Added to the environment of this process; `undefined` removes a variable. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** The command is killed (SIGKILL) after this time. Default 120,000. */
  timeoutMs?: number;
  /** Kills the command (SIGTERM) when it is aborted; the result is then what it printed so far. */
  signal?: AbortSignal;
}

export interface RunResult {
  /** Exit code; 128 + signal number when it was killed, as a shell reports it. */
  code: number;
  stdout: Buffer;
  stderr: Buffer;
}

/** No test needs longer; a hanging command must not hang the run. */
const DEFAULT_TIMEOUT_MS = 120_000;
/** `docker save` of a test image and 50 MB copies fit; a command that never stops printing is killed. */
const MAX_OUTPUT_BYTES = 512 * 1024 * 1024;
const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGKILL: 9, SIGPIPE: 13, SIGTERM: 15 };

/**
 * Runs a command to its end and returns what it printed, whatever its exit code.
 *
 * @throws Error when the command cannot be started, runs longer than `timeoutMs` or prints more than 512 MiB.
 */
export function runCommand(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { promise, resolve, reject } = Promise.withResolvers<RunResult>();
  const child = spawn(command, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    stdio: "pipe",
  });
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let bytes = 0;
  let failure: string | undefined;
  const giveUp = (reason: string): void => {
    failure ??= reason;
    child.kill("SIGKILL");
    // A grandchild may hold the pipes open: "close" would not come.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const timer = setTimeout(() => giveUp(`did not end within ${timeoutMs} ms`), timeoutMs);
  const collect =
    (into: Buffer[]) =>
    (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > MAX_OUTPUT_BYTES) giveUp(`printed more than ${MAX_OUTPUT_BYTES} bytes`);
      else into.push(chunk);
    };
  child.stdout.on("data", collect(stdout));
  child.stderr.on("data", collect(stderr));
  const abort = (): void => void child.kill("SIGTERM");
  options.signal?.addEventListener("abort", abort, { once: true });
  // A command may end without having read its input.
  child.stdin.on("error", () => {});
  feed(child.stdin, options.input);

  const finish = (): void => {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", abort);
  };
  child.once("error", (error) => {
    finish();
    reject(new Error(`Cannot run ${command}: ${error.message}`, { cause: error }));
  });
  child.once("close", (code, signal) => {
    finish();
    const result = { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) };
    // Results may be secrets that are meant to be read, as the answer of `fairlead env add`; remarks may not.
    if (isFairlead(command)) searchLines(command, result.stderr.toString());
    if (failure === undefined) resolve({ code: code ?? 128 + (SIGNAL_NUMBERS[signal ?? "SIGKILL"] ?? 0), ...result });
    else reject(new Error(`${command} ${args.join(" ")} ${failure}\n${result.stderr.toString().slice(-4_000)}`));
  });
  return promise;
}

function feed(stdin: NodeJS.WritableStream, input: RunOptions["input"]): void {
  if (input === undefined) stdin.end();
  else if (typeof input === "string" || input instanceof Uint8Array) stdin.end(input);
  else input.pipe(stdin);
}
