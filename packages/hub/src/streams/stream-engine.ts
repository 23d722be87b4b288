import {
  FairleadError,
  type HeaderPairs,
  MAX_BODY_BYTES,
  REQUEST_TIMEOUT_MS,
  type StreamHead,
  toFairleadError,
} from "@fairlead/protocol";
import type {
  CallOptions,
  EngineAnswer,
  EngineCall,
  EngineConnection,
  EngineStream,
  Terminal,
  TerminalStart,
} from "../engine/engine-connection.ts";
import { openEngineTerminal, type TakenOver, type TerminalEngine } from "../engine/engine-terminal.ts";
import { StreamDuplex } from "./stream-duplex.ts";
import type { StreamOpener } from "./stream-opener.ts";

/** The hub's own calls to an edge environment's engine, over streams of its agent's connection. */
export class StreamEngine implements EngineConnection, TerminalEngine {
  readonly label: string;
  readonly #streams: StreamOpener;

  /** @param label For messages: `The agent of environment NAME`. */
  constructor(streams: StreamOpener, label: string) {
    this.#streams = streams;
    this.label = label;
  }

  async request(call: EngineCall, options: CallOptions = {}): Promise<EngineAnswer> {
    const { connection, head, stop } = await this.#send(call, options);
    try {
      const pieces: Uint8Array[] = [];
      let bytes = 0;
      for await (const piece of connection as AsyncIterable<Uint8Array>) {
        bytes += piece.length;
        if (bytes > MAX_BODY_BYTES) throw tooLarge(call);
        pieces.push(piece);
      }
      return { status: head.status, headers: plainHeaders(head.headers), body: Buffer.concat(pieces, bytes) };
    } catch (error) {
      throw stop() ?? toFairleadError(error, "engine_error");
    } finally {
      stop();
    }
  }

  async openStream(call: EngineCall, options: CallOptions = {}): Promise<EngineStream> {
    const { connection, head, stop } = await this.#send(call, options);
    // From here on only the caller, and the reader, end it.
    const abort = (): void => void connection.destroy(cancelled(call));
    stop();
    options.signal?.addEventListener("abort", abort, { once: true });
    connection.once("close", () => options.signal?.removeEventListener("abort", abort));
    return {
      status: head.status,
      headers: plainHeaders(head.headers),
      body: readBody(connection),
      cancel: () => void connection.destroy(cancelled(call)),
    };
  }

  openTerminal(start: TerminalStart, options: CallOptions = {}): Promise<Terminal> {
    return openEngineTerminal(this, start, options);
  }

  async takeOver(call: EngineCall, options: CallOptions): Promise<TakenOver> {
    const { connection, head, stop } = await this.#send(call, options, "tcp");
    stop();
    return { status: head.status, connection };
  }

  failure(error: unknown): FairleadError {
    return toFairleadError(error, "engine_error");
  }

  /**
   * Sends a call and waits for the answer's head.
   * @param upgrade The connection is to be taken over.
   * @throws FairleadError
   */
  async #send(
    call: EngineCall,
    { signal, timeoutMs = REQUEST_TIMEOUT_MS }: CallOptions,
    upgrade?: string,
  ): Promise<Sent> {
    if (signal?.aborted) throw cancelled(call);
    const { method, path, body } = call;
    const headers: HeaderPairs = Object.entries(call.headers ?? {});
    if (body !== undefined) headers.push(["content-length", String(body.length)]);
    const connection = new StreamDuplex(
      this.#streams.open({ method, path, headers, ...(upgrade === undefined ? {} : { upgrade }) }),
    );
    let reason: FairleadError | undefined;
    const giveUp = (error: FairleadError): void => {
      reason ??= error;
      connection.destroy(error);
    };
    const abort = (): void => giveUp(cancelled(call));
    const timer = setTimeout(() => giveUp(this.#timedOut(call, timeoutMs)), timeoutMs);
    signal?.addEventListener("abort", abort, { once: true });
    const stop = (): FairleadError | undefined => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      return reason;
    };
    if (body !== undefined) connection.write(body);
    if (upgrade === undefined) connection.end();
    try {
      return { connection, head: await connection.answer, stop };
    } catch (error) {
      throw stop() ?? toFairleadError(error, "engine_error");
    }
  }

  #timedOut(call: EngineCall, timeoutMs: number): FairleadError {
    return new FairleadError("agent_timeout", `${this.label} did not answer ${what(call)} within ${timeoutMs} ms.`);
  }
}

interface Sent {
  readonly connection: StreamDuplex;
  readonly head: StreamHead;
  /** Disarms the time limit and the caller's signal. @returns why the call was given up, if it was */
  readonly stop: () => FairleadError | undefined;
}

async function* readBody(connection: StreamDuplex): AsyncGenerator<Uint8Array, void> {
  try {
    for await (const piece of connection as AsyncIterable<Uint8Array>) yield piece;
  } catch (error) {
    throw toFairleadError(error, "engine_error");
  }
}

function plainHeaders(pairs: HeaderPairs): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    headers[lower] = headers[lower] === undefined ? value : `${headers[lower]}, ${value}`;
  }
  return headers;
}

function what({ method, path }: EngineCall): string {
  return `${method} ${path.split("?", 1)[0]}`;
}

function cancelled(call: EngineCall): FairleadError {
  return new FairleadError("cancelled", `${what(call)} was cancelled by its caller.`);
}

function tooLarge(call: EngineCall): FairleadError {
  return new FairleadError("response_too_large", `The answer to ${what(call)} is larger than ${MAX_BODY_BYTES} bytes.`);
}
