import { type ChildProcess, spawn } from "node:child_process";
import { LineCutter } from "./output-tail.ts";

/** How a process came to its end. */
export interface ProcessEnd {
  /** As a shell reports it: 128 + signal number when it was killed. */
  exitCode: number;
  /** Why it was ended from here, if it was. */
  stopped?: "timeout" | "cancelled";
}

export interface ProcessOptions {
  cwd: string;
  env: Record<string, string>;
  /** Milliseconds until it is ended. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Takes a line (with its end) of standard output or error. */
  onLine: (line: string, source: "stdout" | "stderr") => void;
}

/** Compose cancels what it does on SIGTERM; containers get ten seconds to stop. After this, in milliseconds, it is killed. */
const KILL_AFTER_MS = 12_000;

/** What a process left behind may hold its output open; after the process ended, only this long, in milliseconds, is waited for more. */
const OUTPUT_AFTER_EXIT_MS = 2_000;

const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/**
 * Runs a program to its end, in a process group of its own, so that what it started ends with it.
 * @throws the system's error when it cannot be started (`ENOENT`, `E2BIG`)
 */
export function runProcess(command: string, args: readonly string[], options: ProcessOptions): Promise<ProcessEnd> {
  const { promise, resolve, reject } = Promise.withResolvers<ProcessEnd>();
  if (options.signal?.aborted) return Promise.resolve({ exitCode: 128 + 15, stopped: "cancelled" });
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  readLines(child, options.onLine);
  let stopped: ProcessEnd["stopped"];
  const timers: NodeJS.Timeout[] = [];
  const stop = (reason: "timeout" | "cancelled"): void => {
    if (stopped !== undefined) return;
    stopped = reason;
    signalGroup(child, "SIGTERM");
    timers.push(setTimeout(() => signalGroup(child, "SIGKILL"), KILL_AFTER_MS));
  };
  const cancel = (): void => stop("cancelled");
  timers.push(setTimeout(() => stop("timeout"), options.timeoutMs));
  options.signal?.addEventListener("abort", cancel, { once: true });
  const finish = (): void => {
    for (const timer of timers) clearTimeout(timer);
    options.signal?.removeEventListener("abort", cancel);
  };
  child.once("error", (error) => {
    finish();
    reject(error);
  });
  child.once("exit", () => {
    timers.push(
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, OUTPUT_AFTER_EXIT_MS),
    );
  });
  child.once("close", (code, signal) => {
    finish();
    const exitCode = code ?? 128 + (SIGNAL_NUMBERS[signal ?? "SIGKILL"] ?? 0);
    resolve({ exitCode, ...(stopped === undefined ? {} : { stopped }) });
  });
  return promise;
}

function readLines(child: ChildProcess, onLine: ProcessOptions["onLine"]): void {
  for (const source of ["stdout", "stderr"] as const) {
    const lines = new LineCutter((line) => onLine(line, source));
    child[source]?.on("data", (bytes: Buffer) => lines.write(bytes));
    child[source]?.once("close", () => lines.end());
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
