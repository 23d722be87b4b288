import { type IncomingMessage, request as httpRequest } from "node:http";
import { FairleadError, MAX_BODY_BYTES, MAX_HEADER_BYTES, REQUEST_TIMEOUT_MS } from "@fairlead/protocol";
import type { EnvironmentRecord } from "../environments/record.ts";
import { negotiateApiVersion } from "./api-version.ts";
import { readAnswerHead } from "./answer-head.ts";
import type {
  CallOptions,
  EngineAnswer,
  EngineCall,
  EngineConnection,
  EngineStream,
  Terminal,
  TerminalStart,
} from "./engine-connection.ts";
import type { DialGuard } from "./dial-guard.ts";
import { EngineDialer } from "./engine-dialer.ts";
import { engineFailure } from "./engine-failure.ts";
import { openEngineTerminal, type TakenOver, type TerminalEngine } from "./engine-terminal.ts";

/** The way to an engine that the hub dials: of a standard, direct or socket environment. */
export class DialledEngine implements EngineConnection, TerminalEngine {
  readonly dialer: EngineDialer;
  #apiVersion: Promise<string | undefined> | undefined;

  constructor(environment: EnvironmentRecord, guard: DialGuard) {
    this.dialer = new EngineDialer(environment, guard);
  }

  get environment(): EnvironmentRecord {
    return this.dialer.environment;
  }

  async request(call: EngineCall, options: CallOptions = {}): Promise<EngineAnswer> {
    const deadline = new Deadline(this.environment, call, options);
    try {
      const answer = await this.#send(call, deadline.signal);
      return { status: answer.statusCode ?? 0, headers: plainHeaders(answer), body: await readWhole(answer, call) };
    } catch (error) {
      this.#apiVersion = undefined;
      throw deadline.reason ?? engineFailure(this.environment, error, "body");
    } finally {
      deadline.clear();
    }
  }

  async openStream(call: EngineCall, options: CallOptions = {}): Promise<EngineStream> {
    const deadline = new Deadline(this.environment, call, options);
    try {
      const answer = await this.#send(call, deadline.signal);
      // From here on only the caller's signal, and the reader, end it.
      deadline.stopTimer();
      return {
        status: answer.statusCode ?? 0,
        headers: plainHeaders(answer),
        body: this.#body(answer, deadline),
        cancel: () => {
          deadline.clear();
          answer.destroy();
        },
      };
    } catch (error) {
      deadline.clear();
      this.#apiVersion = undefined;
      throw deadline.reason ?? engineFailure(this.environment, error, "head");
    }
  }

  openTerminal(start: TerminalStart, options: CallOptions = {}): Promise<Terminal> {
    return openEngineTerminal(this, start, options);
  }

  get label(): string {
    return `Environment ${this.environment.name}`;
  }

  failure(error: unknown, stage: "head" | "body"): FairleadError {
    return engineFailure(this.environment, error, stage);
  }

  async takeOver(call: EngineCall, { signal }: CallOptions): Promise<TakenOver> {
    const path = await this.versioned(call.path, signal);
    const { body = new Uint8Array(0) } = call;
    const socket = await this.dialer.dial();
    const abort = (): void => void socket.destroy();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      const headers = Object.entries({ ...this.dialer.headers, ...call.headers }).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      );
      socket.write(
        `${call.method} ${path} HTTP/1.1\r\nHost: ${this.dialer.hostHeader}\r\n${headers.join("")}Connection: Upgrade\r\nUpgrade: tcp\r\n` +
          `Content-Length: ${body.length}\r\n\r\n`,
      );
      socket.write(body);
      const { status } = await readAnswerHead(socket);
      return { status, connection: socket };
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** A path of the hub's own with the negotiated API version in front; one that has a version stays as it is. */
  async versioned(path: string, signal?: AbortSignal): Promise<string> {
    if (/^\/(v\d|_ping|version)/.test(path)) return path;
    this.#apiVersion ??= this.#negotiate(signal);
    const version = await this.#apiVersion;
    return version === undefined ? path : `/v${version}${path}`;
  }

  /** Ends everything that goes on through it. */
  close(): void {
    this.dialer.close();
  }

  async *#body(answer: IncomingMessage, deadline: Deadline): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const chunk of answer) yield chunk as Buffer;
    } catch (error) {
      throw deadline.reason ?? engineFailure(this.environment, error, "body");
    } finally {
      deadline.clear();
    }
  }

  async #negotiate(signal?: AbortSignal): Promise<string | undefined> {
    const call = { method: "GET", path: "/version" };
    try {
      const answer = await this.#send(call, signal);
      const body = Buffer.from(await readWhole(answer, call)).toString();
      if (answer.statusCode === 200) return negotiateApiVersion(body);
      // Not an engine's answer (a wrong token, say): the call itself will tell; the next one asks again.
      this.#apiVersion = undefined;
      return undefined;
    } catch (error) {
      this.#apiVersion = undefined;
      throw error;
    }
  }

  /** Sends a call and resolves with the answer's head. Rejects with what Node or the dialer threw. */
  async #send(call: EngineCall, signal: AbortSignal | undefined): Promise<IncomingMessage> {
    const path = await this.versioned(call.path, signal);
    const { agent, hostHeader, headers } = this.dialer;
    const length = call.body?.length ?? 0;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const request = httpRequest({
      agent,
      method: call.method,
      path,
      headers: {
        ...call.headers,
        ...headers,
        host: hostHeader,
        ...(length > 0 || call.method === "POST" || call.method === "PUT" ? { "content-length": length } : {}),
      },
      maxHeaderSize: MAX_HEADER_BYTES,
      ...(signal === undefined ? {} : { signal }),
    });
    request.once("response", resolve);
    request.on("error", (error) => reject(engineFailure(this.environment, error, "head")));
    request.end(call.body);
    const answer = await promise;
    // The version was negotiated with an engine that was replaced by another one since.
    if (answer.statusCode === 400 && path !== call.path) this.#apiVersion = undefined;
    return answer;
  }
}

/** A call's time limit and its caller's wish to end it, as one signal. */
class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;
  /** Why it was ended from here. */
  reason: FairleadError | undefined;

  constructor(
    environment: EnvironmentRecord,
    call: EngineCall,
    { signal, timeoutMs = REQUEST_TIMEOUT_MS }: CallOptions,
  ) {
    const what = `${call.method} ${call.path.split("?", 1)[0]}`;
    this.#timer = setTimeout(() => {
      this.#end(
        new FairleadError(
          "engine_timeout",
          `Environment ${environment.name}: the engine did not answer ${what} within ${timeoutMs / 1000} s.`,
        ),
      );
    }, timeoutMs);
    this.#onAbort = () => this.#end(new FairleadError("cancelled", `${what} was cancelled by its caller.`));
    this.#signal = signal;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  stopTimer(): void {
    clearTimeout(this.#timer);
  }

  clear(): void {
    this.stopTimer();
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }

  #end(reason: FairleadError): void {
    this.reason ??= reason;
    this.#controller.abort();
  }
}

async function readWhole(answer: IncomingMessage, call: EngineCall): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) {
      throw new FairleadError(
        "response_too_large",
        `The answer to ${call.method} ${call.path.split("?", 1)[0]} is larger than ${MAX_BODY_BYTES} bytes.`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function plainHeaders(answer: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}
