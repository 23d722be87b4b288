import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { HANG_UP_VARIABLE, FairleadError, splitCommand } from "@fairlead/protocol";
import type {
  CallOptions,
  EngineAnswer,
  EngineCall,
  EngineConnection,
  Terminal,
  TerminalEnd,
  TerminalStart,
} from "./engine-connection.ts";
import { wasReset } from "./end-on-reset.ts";
import { hangUpLater, type HangUpTarget } from "./hang-up.ts";

/** Input that waits for a program that does not read; then its sender has to wait. */
const MAX_WAITING_INPUT_BYTES = 256 * 1024;

/**
 * Engines hold back the first key of the sequence that detaches (by default Ctrl-P, the shell's "previous command") until the
 * next one. Ctrl-^ is the key least missed, and four of them in this order are not typed by chance.
 */
const DETACH_KEYS = "ctrl-^,ctrl-_,ctrl-^,ctrl-_";

/** The engine may say "running" for a moment after the last byte of output. */
const EXIT_CODE_TRIES = 10;
const EXIT_CODE_INTERVAL_MS = 50;

/** A call whose connection the engine took over. */
export interface TakenOver {
  readonly status: number;
  readonly connection: Duplex;
}

/** A way to an engine that can carry connections which the engine takes over. */
export interface TerminalEngine extends Pick<EngineConnection, "request"> {
  /** For messages: `Environment NAME`. */
  readonly label: string;
  /** Sends a call that asks for `Upgrade: tcp`. @throws what the way to the engine broke with */
  takeOver(call: EngineCall, options: CallOptions): Promise<TakenOver>;
  /** What went wrong on the way, as one of our errors. */
  failure(error: unknown, stage: "head" | "body"): FairleadError;
}

/**
 * Starts an exec with a terminal in a container.
 * @throws FairleadError not_found, exec_create_failed, exec_start_failed, and those of `EngineConnection.request`.
 */
export async function openEngineTerminal(
  engine: TerminalEngine,
  start: TerminalStart,
  options: CallOptions,
): Promise<Terminal> {
  const key = randomUUID();
  const execId = await createExec(engine, start, key, options);
  const socket = await startExec(engine, execId, start, options);
  const terminal = new EngineTerminal(engine, { container: start.container, execId, key }, socket);
  // Engines before API 1.42 know no size at the start.
  if (start.cols > 0 && start.rows > 0) terminal.resize(start.cols, start.rows);
  return terminal;
}

async function createExec(
  engine: TerminalEngine,
  start: TerminalStart,
  key: string,
  options: CallOptions,
): Promise<string> {
  const answer = await engine.request(
    {
      method: "POST",
      path: `/containers/${encodeURIComponent(start.container)}/exec`,
      headers: { "content-type": "application/json" },
      body: jsonBytes({
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Tty: true,
        Cmd: splitCommand(start.cmd),
        DetachKeys: DETACH_KEYS,
        Env: [`${HANG_UP_VARIABLE}=${key}`],
        ...(start.user === "" ? {} : { User: start.user }),
      }),
    },
    options,
  );
  if (answer.status === 404) throw new FairleadError("not_found", engineMessage(answer));
  const id = answer.status === 201 ? parseObject(answer.body)["Id"] : undefined;
  if (typeof id === "string") return id;
  throw new FairleadError(
    "exec_create_failed",
    `${engine.label}: the engine refused an exec in container ${start.container}: ${engineMessage(answer)}`,
  );
}

async function startExec(
  engine: TerminalEngine,
  execId: string,
  { cols, rows }: TerminalStart,
  options: CallOptions,
): Promise<Duplex> {
  const body = jsonBytes({ Detach: false, Tty: true, ...(cols > 0 && rows > 0 ? { ConsoleSize: [rows, cols] } : {}) });
  const path = `/exec/${execId}/start`;
  const headers = { "content-type": "application/json" };
  let taken: TakenOver;
  try {
    taken = await engine.takeOver({ method: "POST", path, headers, body }, options);
  } catch (error) {
    if (options.signal?.aborted) throw new FairleadError("cancelled", "The exec was cancelled before it began.");
    throw engine.failure(error, "head");
  }
  if (taken.status === 101 || taken.status === 200) return taken.connection;
  taken.connection.destroy();
  throw new FairleadError(
    "exec_start_failed",
    `${engine.label}: the engine created the exec but answered its start with status ${taken.status}.`,
  );
}

/** An exec's terminal on a connection of its own. */
class EngineTerminal implements Terminal {
  readonly output: AsyncIterable<Uint8Array>;
  readonly ended: Promise<TerminalEnd>;
  readonly #engine: TerminalEngine;
  readonly #exec: HangUpTarget;
  readonly #socket: Duplex;
  readonly #end = Promise.withResolvers<TerminalEnd>();
  #isClosed = false;
  /** The program has ended by itself. */
  #isOver = false;
  /** The size that is wanted; the sizes in between are skipped. */
  #wantedSize: { cols: number; rows: number } | undefined;
  #isResizing = false;

  constructor(engine: TerminalEngine, exec: HangUpTarget, socket: Duplex) {
    this.#engine = engine;
    this.#exec = exec;
    this.#socket = socket;
    this.ended = this.#end.promise;
    this.output = this.#read();
  }

  write(data: Uint8Array): void | Promise<void> {
    const socket = this.#socket;
    if (socket.writableEnded || socket.destroyed) return;
    socket.write(data);
    if (socket.writableLength < MAX_WAITING_INPUT_BYTES) return;
    return new Promise((resolve) => {
      const done = (): void => {
        socket.off("drain", done).off("close", done);
        resolve();
      };
      socket.once("drain", done).once("close", done);
    });
  }

  resize(cols: number, rows: number): void {
    this.#wantedSize = { cols, rows };
    if (!this.#isResizing) void this.#applySize();
  }

  close(): void {
    if (this.#isClosed || this.#isOver) return;
    this.#isClosed = true;
    this.#socket.destroy();
    hangUpLater(this.#engine, this.#exec);
  }

  async *#read(): AsyncGenerator<Uint8Array, void> {
    let end: TerminalEnd = { reason: "user_closed" };
    try {
      for await (const chunk of this.#socket) yield chunk as Buffer;
      const exit = await this.#exit();
      if (this.#isClosed) return;
      this.#isOver = true;
      end = { reason: "container_exit", ...(exit === undefined ? {} : { exitCode: exit }) };
    } catch (error) {
      if (this.#isClosed) return;
      end = { reason: "error" };
      throw this.#engine.failure(error, "body");
    } finally {
      // Unless the program has ended: the reader left, or the way to it broke.
      this.close();
      this.#socket.destroy();
      this.#end.resolve(end);
    }
  }

  /**
   * The program's exit code; `undefined` where the engine does not tell it.
   * @throws what shows that the connection ended for another reason than the program.
   */
  async #exit(): Promise<number | undefined> {
    for (let left = EXIT_CODE_TRIES; left > 0; left -= 1) {
      const answer = await this.#engine.request({ method: "GET", path: `/exec/${this.#exec.execId}/json` });
      const { Running: running, ExitCode: exitCode } = parseObject(answer.body);
      if (running === false) return typeof exitCode === "number" ? exitCode : undefined;
      await sleep(EXIT_CODE_INTERVAL_MS);
    }
    if (wasReset(this.#socket)) throw new Error("the connection was reset");
    return undefined;
  }

  async #applySize(): Promise<void> {
    this.#isResizing = true;
    while (this.#wantedSize !== undefined && !this.#socket.destroyed) {
      const { cols, rows } = this.#wantedSize;
      this.#wantedSize = undefined;
      const path = `/exec/${this.#exec.execId}/resize?h=${rows}&w=${cols}`;
      // A terminal of the wrong size is no reason to end it; the program may have just ended.
      await this.#engine.request({ method: "POST", path }).catch(() => {});
    }
    this.#isResizing = false;
  }
}

function jsonBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function parseObject(body: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString());
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Docker's `{"message": "…"}`, or the answer's status. */
function engineMessage(answer: EngineAnswer): string {
  const { message } = parseObject(answer.body);
  return typeof message === "string" && message !== "" ? message : `status ${answer.status}`;
}
