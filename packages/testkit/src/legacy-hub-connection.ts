import { randomUUID } from "node:crypto";
import type { WebSocket } from "ws";
import { waitFor } from "./wait-for.ts";
import { type WireClose, WireConnection, type WireMessage } from "./wire-connection.ts";

export interface LegacyRequestOptions {
  headers?: Record<string, string>;
  /** A JSON value; bytes are sent as base64 with `isBinary: true`, as hubs in the field do for tar uploads. */
  body?: unknown;
  /** Default 30,000. */
  timeoutMs?: number;
  /** Default: random. */
  requestId?: string;
}

/** A `response`, with its body as bytes. */
export interface LegacyResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: Buffer;
  message: WireMessage;
}

/** A streaming request under way. */
export interface LegacyStream {
  readonly requestId: string;
  /** The data so far, in one piece. */
  data(): Buffer;
  /** Parts so far, with the name of their stream. */
  parts(): { data: Buffer; stream: string | undefined }[];
  /** Waits until the data so far satisfies `test`; returns it. */
  waitForData(test: (data: Buffer) => boolean, timeoutMs?: number): Promise<Buffer>;
  /** The `stream_end` of the agent. */
  ended(timeoutMs?: number): Promise<WireMessage>;
  /** The `response` that says why there is no stream. */
  response(timeoutMs?: number): Promise<LegacyResponse>;
  /** Sends `stream_end` with reason `cancelled`. */
  cancel(): void;
}

/** An exec session under way. */
export interface LegacyExec {
  readonly execId: string;
  /** Waits for `exec_ready`. @throws Error with the agent's `error` if that comes instead. */
  ready(timeoutMs?: number): Promise<void>;
  write(data: string | Uint8Array): void;
  resize(cols: number, rows: number): void;
  /** What the terminal printed so far. */
  output(): string;
  /** Waits until what was printed matches; returns it all. */
  waitForOutput(pattern: RegExp | string, timeoutMs?: number): Promise<string>;
  /** Waits for the agent's `exec_end`; returns its reason. */
  ended(timeoutMs?: number): Promise<string>;
  /** Sends `exec_end` with reason `user_closed`. */
  end(): void;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** One agent's connection, seen from a 1.0 hub. */
export class LegacyHubConnection extends WireConnection {
  /** The hello, once it came. */
  hello: WireMessage | undefined;
  /** True once it was welcomed. */
  isWelcomed = false;

  constructor(socket: WebSocket, onMessage: (connection: LegacyHubConnection, message: WireMessage) => void) {
    super(socket, "hub", (message) => onMessage(this, message));
  }

  /** Sends a `request` and waits for its `response`. @throws Error with the agent's `error`, if that comes instead, or when the time is over. */
  async request(method: string, path: string, options: LegacyRequestOptions = {}): Promise<LegacyResponse> {
    const requestId = this.#sendRequest(method, path, false, options);
    return this.#response(requestId, options.timeoutMs);
  }

  /** Sends a streaming `request`. */
  streamRequest(method: string, path: string, options: LegacyRequestOptions = {}): LegacyStream {
    const requestId = this.#sendRequest(method, path, true, options);
    const parts = (): { data: Buffer; stream: string | undefined }[] =>
      this.received("stream")
        .filter((message) => message["requestId"] === requestId)
        .map((message) => ({
          data: Buffer.from((message["data"] as string | null) ?? "", "base64"),
          stream: message["stream"] as string | undefined,
        }));
    const data = (): Buffer => Buffer.concat(parts().map((part) => part.data));
    return {
      requestId,
      parts,
      data,
      waitForData: (test, timeoutMs = DEFAULT_TIMEOUT_MS) =>
        waitFor(() => [data()].find(test), {
          timeoutMs,
          what: () => `data of ${method} ${path}; it has: ${JSON.stringify(data().toString().slice(-500))}`,
        }),
      ended: (timeoutMs) => this.#waitFor("stream_end", { requestId }, timeoutMs),
      response: (timeoutMs) => this.#response(requestId, timeoutMs),
      cancel: () => this.send({ type: "stream_end", requestId, reason: "cancelled" }),
    };
  }

  /** Starts an exec; fields not given: `/bin/sh` as root, 80 × 24. */
  exec(start: { containerId: string; cmd?: string; user?: string; cols?: number; rows?: number }): LegacyExec {
    const execId = randomUUID();
    this.send({ type: "exec_start", execId, cmd: "/bin/sh", user: "root", cols: 80, rows: 24, ...start });
    const output = (): string =>
      Buffer.concat(
        this.received("exec_output")
          .filter((message) => message["execId"] === execId)
          .map((message) => Buffer.from(String(message["data"]), "base64")),
      ).toString();
    return {
      execId,
      output,
      ready: async (timeoutMs) => {
        await this.#waitFor("exec_ready", { execId }, timeoutMs, { requestId: execId });
      },
      write: (data) => this.send({ type: "exec_input", execId, data: Buffer.from(data).toString("base64") }),
      resize: (cols, rows) => this.send({ type: "exec_resize", execId, cols, rows }),
      waitForOutput: (pattern, timeoutMs = DEFAULT_TIMEOUT_MS) =>
        waitFor(
          () => [output()].find((text) => (typeof pattern === "string" ? text.includes(pattern) : pattern.test(text))),
          {
            timeoutMs,
            what: () => `${String(pattern)} on the terminal, which shows: ${JSON.stringify(output().slice(-500))}`,
          },
        ),
      ended: async (timeoutMs) => String((await this.#waitFor("exec_end", { execId }, timeoutMs))["reason"]),
      end: () => this.send({ type: "exec_end", execId, reason: "user_closed" }),
    };
  }

  /** Sends a `ping` and waits for the `pong` with the same timestamp. */
  async ping(timestamp: number = Math.floor(Date.now() / 1_000), timeoutMs?: number): Promise<WireMessage> {
    this.send({ type: "ping", timestamp });
    return this.#waitFor("pong", { timestamp }, timeoutMs);
  }

  /** As the hub in the field when someone makes a new token: 1000 `Token regenerated`. */
  closeForNewToken(): Promise<WireClose> {
    return this.#closeAndWait(1000, "Token regenerated");
  }

  /** As the hub in the field when an agent was silent for too long: 1001 `Connection timeout`. */
  closeForSilence(): Promise<WireClose> {
    return this.#closeAndWait(1001, "Connection timeout");
  }

  /** Closes for a violated rule: 1008. */
  closeForPolicy(reason = "Policy violation"): Promise<WireClose> {
    return this.#closeAndWait(1008, reason);
  }

  #closeAndWait(code: number, reason: string): Promise<WireClose> {
    this.close(code, reason);
    return this.closed;
  }

  #sendRequest(method: string, path: string, streaming: boolean, options: LegacyRequestOptions): string {
    const requestId = options.requestId ?? randomUUID();
    const { body } = options;
    const bodyFields =
      body === undefined
        ? {}
        : body instanceof Uint8Array
          ? { body: Buffer.from(body).toString("base64"), isBinary: true }
          : { body };
    this.send({ type: "request", requestId, method, path, headers: options.headers ?? {}, ...bodyFields, streaming });
    return requestId;
  }

  async #response(requestId: string, timeoutMs?: number): Promise<LegacyResponse> {
    const message = await this.#waitFor("response", { requestId }, timeoutMs, { requestId });
    return {
      statusCode: Number(message["statusCode"]),
      headers: (message["headers"] ?? {}) as Record<string, string>,
      body: Buffer.from(
        (message["body"] as string | undefined) ?? "",
        message["isBinary"] === true ? "base64" : "utf8",
      ),
      message,
    };
  }

  /** Waits for a message with these fields, or fails with an `error` that has the fields of `errorFields`, or with the close. */
  async #waitFor(
    type: string,
    fields: WireMessage,
    timeoutMs = DEFAULT_TIMEOUT_MS,
    errorFields?: WireMessage,
  ): Promise<WireMessage> {
    const has = (wanted: WireMessage) => (message: WireMessage) =>
      Object.entries(wanted).every(([name, value]) => message[name] === value);
    const outcome = await waitFor(
      () => {
        const found = this.received(type).find(has(fields));
        const error = errorFields && this.received("error").find(has(errorFields));
        return found ?? error ?? (this.closeInfo ? { type: "closed", ...this.closeInfo } : undefined);
      },
      { timeoutMs, intervalMs: 5, what: `a message ${type} with ${JSON.stringify(fields)}` },
    );
    if (outcome["type"] !== type) throw new Error(`Instead of ${type} came ${JSON.stringify(outcome)}`);
    return outcome;
  }
}
