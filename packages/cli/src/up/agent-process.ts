import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { EXIT_USAGE } from "../errors.ts";

export interface AgentProcessOptions {
  /** Variables of the agent. */
  readonly env: NodeJS.ProcessEnv;
  /** A line that it printed. */
  readonly onLine: (line: string) => void;
  /** It ended by itself, and why; `nextMs` until it is started again, `undefined`: it is not. */
  readonly onDeath: (reason: string, nextMs: number | undefined) => void;
}

const FIRST_PAUSE_MS = 1_000;
/** An agent that dies at once, again and again: a try a minute costs nothing. */
const LAST_PAUSE_MS = 60_000;
/** An agent that held so long had started well. */
const GOOD_RUN_MS = 30_000;
/** It ends what is open within a few seconds by itself. */
const STOP_TIMEOUT_MS = 10_000;

const FAIRLEAD = fileURLToPath(new URL("../../../../bin/fairlead", import.meta.url));

/** Keeps an agent running as a process of its own, so that its memory is its own. It ends with this process, whatever ends that. */
export class AgentProcess {
  readonly #options: AgentProcessOptions;
  #child: ChildProcess | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(options: AgentProcessOptions) {
    this.#options = options;
    this.#start();
  }

  /** Process id; undefined between two runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (!child) return;
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    const ended = once(child, "close");
    child.kill("SIGTERM");
    await ended;
    clearTimeout(timer);
  }

  #start(): void {
    const startedAt = performance.now();
    const child = spawn(FAIRLEAD, ["agent", "--exit-with-stdin"], {
      env: this.#options.env,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child = child;
    child.stdin.on("error", () => {});
    createInterface({ input: child.stdout }).on("line", this.#options.onLine);
    child.once("error", (error) => this.#ended(`cannot be started: ${error.message}`, undefined, startedAt));
    child.once("close", (code, signal) => this.#ended(signal ?? `exit code ${code}`, code ?? undefined, startedAt));
  }

  #ended(reason: string, code: number | undefined, startedAt: number): void {
    this.#child = undefined;
    if (this.#isStopping) return;
    // What is wrong with its configuration is so the next time as well; it has said what.
    if (code === EXIT_USAGE) return this.#options.onDeath(reason, undefined);
    if (performance.now() - startedAt > GOOD_RUN_MS) this.#pauseMs = FIRST_PAUSE_MS;
    this.#options.onDeath(reason, this.#pauseMs);
    this.#timer = setTimeout(() => this.#start(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LAST_PAUSE_MS);
  }
}
