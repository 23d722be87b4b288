import type { Duplex } from "node:stream";
import {
  type ExecStartMessage,
  FairleadError,
  HANG_UP_VARIABLE,
  isFairleadError,
  MAX_EXEC_INPUT_BYTES,
  MAX_TERMINAL_CELLS,
  newErrorMessage,
  newExecEndMessage,
  newExecOutputMessage,
  newExecReadyMessage,
  type OutgoingMessage,
  splitCommand,
  STREAM_CHUNK_BYTES,
} from "@fairlead/protocol";
import { compare } from "../engine/api-version.ts";
import type { EngineAnswer, EngineClient } from "../engine/engine-client.ts";
import type { Log } from "../log.ts";
import type { Policy } from "../policy/policy.ts";
import { hangUp } from "./hang-up.ts";

/** `user_closed`: the hub's wish. `container_exit`: the process ended. `error`: the way to it broke. */
export type ExecEndReason = "user_closed" | "container_exit" | "error";

export interface ExecContext {
  readonly engine: EngineClient;
  readonly log: Log;
  /** Milliseconds for each of the engine's answers. */
  readonly requestTimeoutMs: number;
  /** Undefined: whatever the hub asks. */
  readonly policy?: Policy | undefined;
  /** In order. @returns a promise while the hub is slow: nothing more is read from the terminal until it resolves. */
  send(message: OutgoingMessage): Promise<void> | undefined;
}

/**
 * Input that a process has not read yet. A terminal's own buffer is 4 KiB and a paste some hundred; a process that does not read at all
 * must not collect more than this in the agent.
 */
export const MAX_UNREAD_INPUT_BYTES = 4 * MAX_EXEC_INPUT_BYTES;

/** From here on a terminal's size can be set before the process starts; older engines only take a resize afterwards. */
const CONSOLE_SIZE_API_VERSION = "1.42";

/**
 * Engines hold back the first key of the sequence that detaches (by default Ctrl-P, the shell's "previous command") until the next one.
 * Ctrl-^ is the key least missed, and four of them in this order are not typed by chance.
 */
const DETACH_KEYS = "ctrl-^,ctrl-_,ctrl-^,ctrl-_";

/** One interactive exec with a terminal: from `exec_start` to `exec_end`. */
export class ExecSession {
  /** Settles when the exec is over and the hub was told. Never rejects. */
  readonly ended: Promise<void>;
  #start: ExecStartMessage;
  readonly #context: ExecContext;
  readonly #hangUpKey = crypto.randomUUID();
  readonly #cancel = new AbortController();
  #earlyInput: Uint8Array[] = [];
  #unreadBytes = 0;
  #socket: Duplex | undefined;
  #engineExecId: string | undefined;
  #size: { cols: number; rows: number } | undefined;
  #isResizing = false;
  #reason: ExecEndReason | undefined;

  constructor(start: ExecStartMessage, context: ExecContext) {
    this.#start = start;
    this.#context = context;
    this.#size = sizeOf(start.cols, start.rows);
    this.ended = this.#run();
  }

  /** Keystrokes, in order; those that come before the process runs wait for it. */
  input(data: Uint8Array): void {
    if (this.#reason !== undefined) return;
    const socket = this.#socket;
    if (socket === undefined) {
      this.#earlyInput.push(data);
      this.#unreadBytes += data.length;
    } else {
      socket.write(data);
      this.#unreadBytes = socket.writableLength;
    }
    if (this.#unreadBytes > MAX_UNREAD_INPUT_BYTES) this.#overrun();
  }

  /** Sets the terminal's size; sizes that no terminal has are ignored. While one is being set, the latest waits. */
  resize(cols: number, rows: number): void {
    const size = sizeOf(cols, rows);
    if (size === undefined) return;
    this.#size = size;
    if (this.#socket) void this.#applySize();
  }

  /** Ends the exec and its process. */
  end(reason: ExecEndReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#cancel.abort();
    this.#socket?.destroy();
  }

  async #run(): Promise<void> {
    const { execId } = this.#start;
    try {
      await this.#askPolicy();
      const engineExecId = await this.#create();
      const socket = await this.#open(engineExecId);
      await this.#context.send(newExecReadyMessage(execId));
      const reason = await this.#converse(socket);
      await this.#context.send(newExecEndMessage(execId, reason));
      if (reason !== "container_exit") await this.#hangUp();
    } catch (error) {
      const code = isFairleadError(error, "policy_refused")
        ? error.code
        : this.#engineExecId === undefined
          ? "EXEC_CREATE_ERROR"
          : "EXEC_START_ERROR";
      if (this.#reason === undefined) await this.#context.send(newErrorMessage(execId, (error as Error).message, code));
      else {
        await this.#context.send(newExecEndMessage(execId, this.#reason));
        await this.#hangUp();
      }
      this.#reason ??= "error";
    }
  }

  /** An exec is the call that creates it; the calls around it are the agent's own. @throws FairleadError policy_refused */
  async #askPolicy(): Promise<void> {
    const { policy, engine } = this.#context;
    if (policy === undefined) return;
    const { containerId, cmd, user } = this.#start;
    const path = `/containers/${encodeURIComponent(containerId)}/exec`;
    const review = policy.judge({ method: "POST", target: path, headers: [] }, engine);
    const body = Buffer.from(JSON.stringify({ Cmd: splitCommand(cmd), User: user }));
    const admitted = await review?.finish(body);
    // The container that was looked at, even when its name is another's by now.
    if (admitted?.containerId !== undefined) this.#start = { ...this.#start, containerId: admitted.containerId };
  }

  async #create(): Promise<string> {
    const { containerId, cmd, user } = this.#start;
    const { engine } = this.#context;
    const answer = await this.#ask("create", `/containers/${encodeURIComponent(containerId)}/exec`, {
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: true,
      Cmd: splitCommand(cmd),
      User: user,
      DetachKeys: DETACH_KEYS,
      Env: [`${HANG_UP_VARIABLE}=${this.#hangUpKey}`],
      ...(await this.#consoleSize()),
    });
    const id: unknown = (JSON.parse(Buffer.from(answer.body).toString()) as { Id?: unknown }).Id;
    if (typeof id !== "string") throw new FairleadError("engine_error", `${engine.name} gave no id for the exec`);
    this.#engineExecId = id;
    return id;
  }

  /** The connection that carries the terminal, with the input that came early. */
  async #open(engineExecId: string): Promise<Duplex> {
    const { engine, requestTimeoutMs } = this.#context;
    const consoleSize = await this.#consoleSize();
    const call = await this.#call(`/exec/${engineExecId}/start`, { Detach: false, Tty: true, ...consoleSize });
    const answer = await engine.upgrade(call, { signal: this.#cancel.signal });
    if (answer.socket === undefined) {
      const body = await engine.readWhole(call, answer.body, { timeoutMs: requestTimeoutMs });
      throw new Error(`exec start failed: ${answer.status} - ${Buffer.from(body).toString()}`);
    }
    const { socket } = answer;
    // Also when nobody reads from it yet.
    socket.on("error", () => {});
    // Where the terminal starts without a size, what is typed early must still find one.
    const resized = this.#applySize();
    if (consoleSize.ConsoleSize === undefined) await resized;
    this.#socket = socket;
    for (const data of this.#earlyInput) socket.write(data);
    this.#earlyInput = [];
    return socket;
  }

  /** Passes output on until one side ends. */
  async #converse(socket: Duplex): Promise<ExecEndReason> {
    if (this.#reason !== undefined) socket.destroy();
    const { promise: closed, resolve } = Promise.withResolvers<boolean>();
    let pending: Promise<void> = Promise.resolve();
    socket.on("data", (bytes: Buffer) => {
      for (let at = 0; at < bytes.length; at += STREAM_CHUNK_BYTES) {
        const piece = newExecOutputMessage(this.#start.execId, bytes.subarray(at, at + STREAM_CHUNK_BYTES));
        const handedOver = this.#context.send(piece);
        if (handedOver === undefined) continue;
        socket.pause();
        pending = handedOver.then(() => void socket.resume());
      }
    });
    socket.once("end", () => resolve(true));
    socket.once("close", () => resolve(false));
    if (socket.destroyed) resolve(false);
    const isCleanEnd = await closed;
    await pending;
    socket.destroy();
    // A dying engine ends its connections as cleanly as a process that exits does.
    this.#reason ??= isCleanEnd && (await this.#engineAnswers()) ? "container_exit" : "error";
    return this.#reason;
  }

  async #engineAnswers(): Promise<boolean> {
    return await this.#ask("inspect", `/exec/${this.#engineExecId}/json`).then(
      () => true,
      () => false,
    );
  }

  async #applySize(): Promise<void> {
    if (this.#isResizing) return;
    this.#isResizing = true;
    while (this.#size !== undefined && this.#reason === undefined) {
      const { cols, rows } = this.#size;
      this.#size = undefined;
      await this.#ask("resize", `/exec/${this.#engineExecId}/resize?h=${rows}&w=${cols}`, {}).catch(
        (error: unknown) => {
          // The process may be gone already; the terminal works in any size.
          this.#context.log.debug("a terminal was not resized", { execId: this.#start.execId, error: String(error) });
        },
      );
    }
    this.#isResizing = false;
  }

  /** The process would otherwise live on without its terminal: engines do not end it with its connection. */
  async #hangUp(): Promise<void> {
    if (this.#engineExecId === undefined) return;
    const { engine, log } = this.#context;
    const { containerId } = this.#start;
    await hangUp(engine, { containerId, engineExecId: this.#engineExecId, key: this.#hangUpKey }).catch(
      (error: unknown) => {
        log.warn("the process of a terminal that was left could not be ended", { containerId, error: String(error) });
      },
    );
  }

  #overrun(): void {
    const { execId } = this.#start;
    const text = `more than ${MAX_UNREAD_INPUT_BYTES} bytes of input were not read by the process; the exec was ended`;
    void this.#context.send(newErrorMessage(execId, text, "slow_reader"));
    this.end("error");
  }

  async #consoleSize(): Promise<{ ConsoleSize?: [number, number] }> {
    const { apiVersion } = await this.#context.engine.version();
    const size = this.#size ?? sizeOf(this.#start.cols, this.#start.rows);
    if (size === undefined || apiVersion === undefined || compare(apiVersion, CONSOLE_SIZE_API_VERSION) < 0) return {};
    return { ConsoleSize: [size.rows, size.cols] };
  }

  /** One of the small calls around an exec. @throws Error in deployed agents' words when the engine says no. */
  async #ask(verb: "create" | "resize" | "inspect", path: string, body?: object): Promise<EngineAnswer> {
    const { engine, requestTimeoutMs } = this.#context;
    const call = await this.#call(path, body);
    const signal = verb === "create" ? { signal: this.#cancel.signal } : {};
    const answer = await engine.request(call, { timeoutMs: requestTimeoutMs, ...signal });
    if (answer.status < 300) return answer;
    throw new Error(`exec ${verb} failed: ${answer.status} - ${Buffer.from(answer.body).toString()}`);
  }

  async #call(path: string, body?: object): Promise<{ method: string; path: string; body?: Uint8Array }> {
    const ownPath = await this.#context.engine.ownPath(path);
    if (body === undefined) return { method: "GET", path: ownPath };
    return { method: "POST", path: ownPath, body: Buffer.from(JSON.stringify(body)) };
  }
}

function sizeOf(cols: number, rows: number): { cols: number; rows: number } | undefined {
  const isSize = (cells: number): boolean => Number.isInteger(cells) && cells >= 1 && cells <= MAX_TERMINAL_CELLS;
  return isSize(cols) && isSize(rows) ? { cols, rows } : undefined;
}
