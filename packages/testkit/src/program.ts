import { type ChildProcess, spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { isFairlead, searchForSecrets } from "./leaked-secrets.ts";
import { OutputLog } from "./output-log.ts";
import { boundToThisProcess } from "./parent-death.ts";
import { waitFor } from "./wait-for.ts";

export interface ProgramOptions {
  /** Added to the environment of this process; `undefined` removes a variable. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** The program is ready when it prints a line (stdout or stderr) that matches. Without this and `ready`: as soon as it is started. */
  readyPattern?: RegExp;
  /** The program is ready when this gives true; asked every 20 ms, and a throw means "not yet". */
  ready?: () => boolean | Promise<boolean>;
  /** How long it may take to become ready. Default 60,000. */
  readyTimeoutMs?: number;
}

/** How a process ended: one of the two is null. */
export interface ProgramExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Memory of a process, from `/proc/PID/status`. */
export interface ProgramMemory {
  /** Resident set, in KiB. */
  rssKiB: number;
  /** The anonymous part of it, in KiB: what only this process needs. */
  anonKiB: number;
}

/** A running process. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** The lines that it printed to stdout and stderr, in the order they came (the last 5,000). */
  readonly lines: readonly string[];
  /** Settles when the process has ended and all its output is read; never rejects. */
  readonly exited: Promise<ProgramExit>;
  /** How the process ended, or undefined while it runs. */
  readonly exit: ProgramExit | undefined;
  /**
   * Waits for a line that matches, those printed before included; from line number `after` on when given (for example
   * `program.lines.length` taken earlier). Default time 30,000 ms.
   *
   * @throws Error with the end of the output when the time is over or the process ends first.
   */
  waitForLine(pattern: RegExp, timeoutMs?: number, after?: number): Promise<RegExpMatchArray>;
  /** @throws Error when the process has ended. */
  memory(): Promise<ProgramMemory>;
  /** Open file descriptors, from `/proc/PID/fd`. @throws Error when the process has ended. */
  openFiles(): Promise<number>;
  /** The end of the output, for a failure message. */
  tail(): string;
  /** Sends a signal and goes on. */
  signal(signal: NodeJS.Signals): void;
  /**
   * Ends the process with `signal` (default SIGTERM) and waits for its end. May be called on an ended process.
   *
   * @throws Error with the end of the output when it does not end within 20 s; it is then killed.
   */
  stop(signal?: NodeJS.Signals): Promise<ProgramExit>;
  /** Ends the process at once (SIGKILL) and waits for its end. */
  kill(): Promise<ProgramExit>;
}

/** Node.js with sources compiled for the first time, beside a starting dockerd, on two busy cores. */
const READY_TIMEOUT_MS = 60_000;
const LINE_TIMEOUT_MS = 30_000;
/** Graceful stops finish what they do, within 10 s by their own limit. */
const STOP_TIMEOUT_MS = 20_000;

/**
 * Starts a process and waits until it is ready. It is killed when this process ends, in whatever way.
 *
 * @throws Error with the end of its output when it cannot be started, ends early or is not ready in time.
 */
export async function startProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Program> {
  const [boundCommand, boundArgs] = await boundToThisProcess("SIGKILL", command, args);
  const child = spawn(boundCommand, boundArgs, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const program = new SpawnedProgram([command, ...args].join(" "), command, child);
  try {
    await becomeReady(program, options);
    return program;
  } catch (error) {
    await program.kill();
    throw error;
  }
}

async function becomeReady(program: SpawnedProgram, options: ProgramOptions): Promise<void> {
  const { readyPattern, ready, readyTimeoutMs = READY_TIMEOUT_MS } = options;
  if (readyPattern) await program.waitForLine(readyPattern, readyTimeoutMs);
  if (ready) {
    const what = (): string => `${program.name} to be ready; its output ends with:\n${program.tail()}`;
    const ended = (): boolean => program.exit !== undefined;
    await waitFor(async () => ended() || (await ready()), { timeoutMs: readyTimeoutMs, what });
    if (ended()) throw program.failure("ended before it was ready");
  }
}

class SpawnedProgram implements Program {
  readonly name: string;
  readonly exited: Promise<ProgramExit>;
  exit: ProgramExit | undefined;
  readonly #child: ChildProcess;
  readonly #log = new OutputLog();

  constructor(name: string, command: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    if (isFairlead(command)) this.#log.onLine((line) => searchForSecrets(command, line));
    if (child.stdout) this.#log.capture(child.stdout);
    if (child.stderr) this.#log.capture(child.stderr);
    const { promise, resolve } = Promise.withResolvers<ProgramExit>();
    const end = (exit: ProgramExit): void => {
      this.exit ??= exit;
      resolve(this.exit);
    };
    child.once("error", (error) => {
      this.#log.add(`cannot be started: ${error.message}`);
      // A signal that could not be sent is an "error" too; only a process that never was has no id.
      if (child.pid === undefined) end({ code: 127, signal: null });
    });
    child.once("close", (code, signal) => {
      // Some secrets are known only after they were printed.
      if (isFairlead(command)) for (const line of this.#log.lines) searchForSecrets(command, line);
      end({ code, signal });
    });
    this.exited = promise;
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw this.failure("was never started");
    return this.#child.pid;
  }

  get lines(): readonly string[] {
    return this.#log.lines;
  }

  tail(): string {
    return this.#log.tail();
  }

  failure(what: string): Error {
    return new Error(`${this.name} ${what}; its output ends with:\n${this.tail()}`);
  }

  waitForLine(pattern: RegExp, timeoutMs = LINE_TIMEOUT_MS, after = 0): Promise<RegExpMatchArray> {
    // A pattern with the flag "g" would remember where the last match was.
    const search = new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, ""));
    const known = this.lines.slice(after).find((line) => search.test(line));
    const knownMatch = known === undefined ? null : search.exec(known);
    if (knownMatch) return Promise.resolve(knownMatch);
    const { promise, resolve, reject } = Promise.withResolvers<RegExpMatchArray>();
    const unlisten = this.#log.onLine((line) => {
      const match = search.exec(line);
      if (match) resolve(match);
    });
    const timer = setTimeout(
      () => reject(this.failure(`printed no ${String(pattern)} within ${timeoutMs} ms`)),
      timeoutMs,
    );
    void this.exited.then(({ code, signal }) =>
      reject(this.failure(`ended (${String(code ?? signal)}) without printing ${String(pattern)}`)),
    );
    return promise.finally(() => {
      clearTimeout(timer);
      unlisten();
    });
  }

  async memory(): Promise<ProgramMemory> {
    const status = await readFile(`/proc/${this.pid}/status`, "utf8");
    const field = (name: string): number => {
      const value = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1];
      if (value === undefined) throw this.failure(`has no ${name}: it has ended`);
      return Number(value);
    };
    return { rssKiB: field("VmRSS"), anonKiB: field("RssAnon") };
  }

  async openFiles(): Promise<number> {
    return (await readdir(`/proc/${this.pid}/fd`)).length;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<ProgramExit> {
    if (this.exit) return this.exit;
    this.signal(signal);
    const abort = new AbortController();
    const late = sleep(STOP_TIMEOUT_MS, undefined, { signal: abort.signal }).catch(() => undefined);
    const exit = await Promise.race([this.exited, late]);
    abort.abort();
    if (exit) return exit;
    await this.kill();
    throw this.failure(`did not end within ${STOP_TIMEOUT_MS} ms after ${signal} and was killed`);
  }

  kill(): Promise<ProgramExit> {
    return this.stop("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
