import type { IncomingMessage } from "node:http";
import { type ErrorCode, FairleadError, isErrorCode } from "@fairlead/protocol";
import type { ExecControl } from "@fairlead/protocol/rest";
import { type ClientOptions, type RawData, WebSocket } from "ws";

export interface TerminalOptions {
  /** The hub's terminal WebSocket. */
  readonly url: URL;
  readonly token: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** The terminal is there: from here on keystrokes go to it. */
  readonly onReady: () => void;
  /** Ends the session, as the user's wish. */
  readonly signal: AbortSignal;
}

export interface TerminalEnd {
  readonly reason: string;
  /** Where the engine told it. */
  readonly exitCode?: number;
}

/** Keystrokes and pastes that wait in the socket; then standard input is read no further. */
const MAX_WAITING_BYTES = 256 * 1024;
/** Proxies close what is quiet for 30 to 60 s. */
const PING_INTERVAL_MS = 15_000;
/** Three pings without any answer: the connection is dead, whatever the kernel thinks. */
const SILENCE_TIMEOUT_MS = 45_000;
/** What a terminal's line discipline takes for the end of the input. */
const END_OF_INPUT = 0x04;
const LF = 0x0a;

/**
 * Joins standard input and output with an exec's terminal until that ends. A pipe's end becomes Ctrl-D.
 * @throws FairleadError with the hub's code, or hub_unreachable when the connection breaks.
 */
export function runTerminal(options: TerminalOptions): Promise<TerminalEnd> {
  return new TerminalSession(options).ended;
}

class TerminalSession {
  readonly ended: Promise<TerminalEnd>;
  readonly #options: TerminalOptions;
  readonly #socket: WebSocket;
  readonly #resolve: (end: TerminalEnd) => void;
  readonly #reject: (error: FairleadError) => void;
  readonly #pinger: NodeJS.Timeout;
  #lastSign = performance.now();
  #isReady = false;
  #end: TerminalEnd | undefined;
  #lastInput = LF;

  constructor(options: TerminalOptions) {
    this.#options = options;
    const { promise, resolve, reject } = Promise.withResolvers<TerminalEnd>();
    this.#resolve = resolve;
    this.#reject = reject;
    const socketOptions: ClientOptions = {
      headers: { authorization: `Bearer ${options.token}` },
      perMessageDeflate: false,
      handshakeTimeout: SILENCE_TIMEOUT_MS,
    };
    this.#socket = new WebSocket(options.url, socketOptions);
    this.#socket.on("message", (data, isBinary) => this.#message(data, isBinary));
    this.#socket.on("pong", () => (this.#lastSign = performance.now()));
    this.#socket.on("unexpected-response", (_request, response) => void this.#refused(response));
    this.#socket.on("error", (error) => this.#fail("hub_unreachable", `Cannot reach the hub: ${error.message}`));
    this.#socket.on("close", (code, reason) => this.#closed(code, reason.toString()));
    this.#pinger = setInterval(() => this.#ping(), PING_INTERVAL_MS);
    const abort = (): void => this.#socket.close(1000, "user_closed");
    options.signal.addEventListener("abort", abort, { once: true });
    options.stdout.on("resize", this.#resized);
    options.stdout.on("error", abort);
    this.ended = promise.finally(() => this.#release(abort));
  }

  #release(abort: () => void): void {
    const { signal, stdin, stdout } = this.#options;
    clearInterval(this.#pinger);
    signal.removeEventListener("abort", abort);
    stdout.off("resize", this.#resized).off("error", abort).off("drain", this.#drained);
    stdin.off("data", this.#typed).off("end", this.#inputEnded);
    stdin.pause();
    this.#socket.terminate();
  }

  #message(data: RawData, isBinary: boolean): void {
    this.#lastSign = performance.now();
    if (isBinary) return this.#output(data as Buffer);
    const control = parseControl((data as Buffer).toString("utf8"));
    if (control?.type === "ready") this.#ready();
    else if (control?.type === "end") {
      const { reason, exitCode } = control;
      this.#end = { reason, ...(exitCode === undefined ? {} : { exitCode }) };
    } else if (control?.type === "error") {
      this.#fail(isErrorCode(control.code) ? control.code : "agent_error", control.message);
    }
  }

  #ready(): void {
    this.#isReady = true;
    this.#options.onReady();
    this.#resized();
    const { stdin } = this.#options;
    stdin.on("data", this.#typed).on("end", this.#inputEnded);
    stdin.resume();
  }

  #output(bytes: Buffer): void {
    if (this.#options.stdout.write(bytes)) return;
    this.#socket.pause();
    this.#options.stdout.once("drain", this.#drained);
  }

  readonly #drained = (): void => this.#socket.resume();

  readonly #typed = (bytes: Buffer): void => {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#lastInput = bytes.at(-1) ?? this.#lastInput;
    this.#socket.send(bytes, () => {
      if (this.#socket.bufferedAmount <= MAX_WAITING_BYTES) this.#options.stdin.resume();
    });
    if (this.#socket.bufferedAmount > MAX_WAITING_BYTES) this.#options.stdin.pause();
  };

  /** The first Ctrl-D ends an unfinished line, the next (or the first on an empty line) the input. */
  readonly #inputEnded = (): void => {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(Buffer.alloc(this.#lastInput === LF ? 1 : 2, END_OF_INPUT));
  };

  readonly #resized = (): void => {
    const { columns, rows, isTTY } = this.#options.stdout;
    // A terminal that does not know its size says 0.
    const isKnown = isTTY && columns > 0 && rows > 0;
    if (!this.#isReady || !isKnown || this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ type: "resize", cols: columns, rows } satisfies ExecControl));
  };

  #ping(): void {
    if (performance.now() - this.#lastSign > SILENCE_TIMEOUT_MS) {
      this.#fail("hub_unreachable", "The connection to the hub was lost: no sign of it for 45 s");
    } else if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping();
  }

  #closed(code: number, reason: string): void {
    if (this.#end) this.#resolve(this.#end);
    else if (this.#options.signal.aborted) this.#resolve({ reason: "user_closed" });
    else
      this.#fail(
        "hub_unreachable",
        `The connection to the hub broke off (${code}${reason === "" ? "" : ` ${reason}`})`,
      );
  }

  async #refused(response: IncomingMessage): Promise<void> {
    let text = "";
    for await (const chunk of response.setEncoding("utf8")) text = (text + String(chunk)).slice(0, 4_096);
    const body = parseControl(text) as { code?: string; message?: string } | undefined;
    const code = body?.code !== undefined && isErrorCode(body.code) ? body.code : "hub_unreachable";
    this.#fail(code, body?.message ?? `The hub answered HTTP ${response.statusCode ?? "?"} instead of a terminal`);
  }

  #fail(code: ErrorCode, message: string): void {
    this.#reject(new FairleadError(code, message));
  }
}

function parseControl(text: string): ExecControl | undefined {
  try {
    return JSON.parse(text) as ExecControl;
  } catch {
    return undefined;
  }
}
