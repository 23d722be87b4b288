import { type ErrorCode, FairleadError, MAX_TERMINAL_CELLS, toFairleadError } from "@fairlead/protocol";
import type { ExecControl } from "@fairlead/protocol/rest";
import { type RawData, WebSocket } from "ws";
import type { Recording } from "../audit/recording/recording.ts";
import type { EngineConnection, Terminal, TerminalStart } from "../engine/engine-connection.ts";
import { keepSocketAlive } from "../http/keep-socket-alive.ts";

/** Output that waits for a slow browser; then the program waits. Deep enough for a screenful after every round trip. */
const MAX_WAITING_OUTPUT_BYTES = 256 * 1024;

/** WebSocket close code: the terminal ended in order. */
const NORMAL = 1000;

/** How a terminal ended. */
export interface TerminalOutcome {
  /** Of an error that it was told. */
  readonly code?: ErrorCode;
  readonly exitCode?: number;
}

/** One terminal: a WebSocket and the exec behind it. When either goes, so does the other. */
export class TerminalSession {
  readonly #socket: WebSocket;
  readonly #engine: () => EngineConnection;
  readonly #left = new AbortController();
  #terminal: Terminal | undefined;
  readonly #recording: Recording | undefined;
  #outcome: TerminalOutcome = {};

  /** @param engine May throw; that becomes the `error` message. */
  constructor(socket: WebSocket, engine: () => EngineConnection, recording?: Recording) {
    this.#socket = socket;
    this.#engine = engine;
    this.#recording = recording;
  }

  /** Runs it to its end. Rejects only for a defect. */
  async run(start: TerminalStart): Promise<TerminalOutcome> {
    const socket = this.#socket;
    keepSocketAlive(socket);
    socket.on("error", () => {});
    socket.once("close", () => {
      this.#left.abort();
      this.#terminal?.close();
    });
    const opening = this.#open(start);
    // Input that comes before the exec runs waits for it, in order; what the socket holds is bounded by its message limit.
    socket.on("message", (data, isBinary) => {
      socket.pause();
      opening
        .then((terminal) => terminal && this.#receive(terminal, data, isBinary))
        .catch((error: unknown) => this.#fail(error))
        .finally(() => socket.resume());
    });
    const terminal = await opening;
    if (terminal) await this.#converse(terminal);
    return this.#outcome;
  }

  async #open(start: TerminalStart): Promise<Terminal | undefined> {
    try {
      const terminal = await this.#engine().openTerminal(start, { signal: this.#left.signal });
      this.#terminal = terminal;
      if (this.#left.signal.aborted) terminal.close();
      this.#send({ type: "ready" });
      return terminal;
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  async #converse(terminal: Terminal): Promise<void> {
    try {
      for await (const chunk of terminal.output) await this.#sendOutput(chunk);
      const { reason, exitCode } = await terminal.ended;
      if (exitCode !== undefined) this.#outcome = { exitCode };
      this.#send({ type: "end", reason, ...(exitCode === undefined ? {} : { exitCode }) });
      this.#socket.close(NORMAL);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #sendOutput(chunk: Uint8Array): Promise<void> {
    const socket = this.#socket;
    if (socket.readyState !== WebSocket.OPEN) return;
    this.#recording?.output(chunk);
    const sent = new Promise<void>((resolve) => {
      // Also when the connection closes before: then with an error that "close" tells too.
      socket.send(chunk, { binary: true }, () => resolve());
    });
    if (socket.bufferedAmount > MAX_WAITING_OUTPUT_BYTES) await sent;
  }

  #receive(terminal: Terminal, data: RawData, isBinary: boolean): void | Promise<void> {
    if (isBinary) {
      this.#recording?.input(data as Buffer);
      return terminal.write(data as Buffer);
    }
    const { cols, rows } = parseResize(data as Buffer);
    this.#recording?.resize(cols, rows);
    terminal.resize(cols, rows);
  }

  #fail(thrown: unknown): void {
    const error = toFairleadError(thrown);
    this.#outcome = { code: error.code };
    this.#send({ type: "error", code: error.code, message: error.message });
    this.#socket.close(error.close);
    this.#terminal?.close();
  }

  #send(control: ExecControl): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(control));
  }
}

function parseResize(data: Buffer): { cols: number; rows: number } {
  let message: unknown;
  try {
    message = JSON.parse(data.toString());
  } catch {
    throw wrongControl("it is not JSON");
  }
  const { type, cols, rows } = (typeof message === "object" && message !== null ? message : {}) as Record<
    string,
    unknown
  >;
  if (type !== "resize") throw wrongControl(`type must be "resize", not ${JSON.stringify(type)?.slice(0, 100)}`);
  if (!isCells(cols)) throw wrongControl(`cols must be an integer from 1 to ${MAX_TERMINAL_CELLS}`);
  if (!isCells(rows)) throw wrongControl(`rows must be an integer from 1 to ${MAX_TERMINAL_CELLS}`);
  return { cols, rows };
}

function isCells(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_TERMINAL_CELLS;
}

function wrongControl(problem: string): FairleadError {
  return new FairleadError("bad_request", `A text message of the terminal is wrong: ${problem}.`);
}
