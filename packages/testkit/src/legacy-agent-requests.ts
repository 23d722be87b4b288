import { callEngine, goHeaders, type LegacyAnswer, responseBodyFields } from "./legacy-engine.ts";
import type { WireConnection, WireMessage } from "./wire-connection.ts";

export interface LegacyRequestsOptions {
  /** The Docker socket; without it only `handler` answers, and the rest gets 404. */
  dockerSocket?: string | undefined;
  handler?: ((request: WireMessage) => LegacyAnswer | undefined | Promise<LegacyAnswer | undefined>) | undefined;
  compose: (operation: WireMessage) => LegacyComposeAnswer | Promise<LegacyComposeAnswer>;
  streamErrorsAsData: boolean;
}

/** What a compose operation gives, and the lines that it prints meanwhile (sent when the hub asks for `streamOutput`). */
export interface LegacyComposeAnswer {
  result: WireMessage;
  lines?: readonly string[];
}

/** `request` and `stream_end` of one connection, as a 1.0 agent answers them. */
export class LegacyRequests {
  readonly #connection: WireConnection;
  readonly #options: LegacyRequestsOptions;
  readonly #streams = new Map<string, AbortController>();

  constructor(connection: WireConnection, options: LegacyRequestsOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Streams open now. */
  get openStreams(): number {
    return this.#streams.size;
  }

  async request(message: WireMessage): Promise<void> {
    const requestId = String(message["requestId"]);
    try {
      if (message["path"] === "/_hawser/compose") await this.#compose(requestId, message);
      else if (message["streaming"] === true) await this.#stream(requestId, message);
      else await this.#respond(requestId, message);
    } catch (error) {
      this.#connection.send({ type: "error", requestId, error: String(error), code: "DOCKER_ERROR" });
    }
  }

  cancel(requestId: string): void {
    this.#streams.get(requestId)?.abort();
  }

  /** The connection is gone: nothing more is asked of the engine. */
  cancelAll(): void {
    for (const stream of this.#streams.values()) stream.abort();
  }

  async #respond(requestId: string, message: WireMessage): Promise<void> {
    const { status, headers, parts } = await this.#ask(message);
    const body = await collect(parts);
    this.#sendResponse(requestId, status, headers, body);
  }

  #sendResponse(requestId: string, statusCode: number, headers: Record<string, string>, body: Buffer): void {
    this.#connection.send({
      type: "response",
      requestId,
      statusCode,
      ...(Object.keys(headers).length > 0 ? { headers } : {}),
      ...responseBodyFields(headers, body),
    });
  }

  async #stream(requestId: string, message: WireMessage): Promise<void> {
    const abort = new AbortController();
    this.#streams.set(requestId, abort);
    try {
      const { status, headers, parts } = await this.#ask(message, abort.signal);
      if (status >= 300 && !this.#options.streamErrorsAsData) {
        this.#sendResponse(requestId, status, headers, await collect(parts));
      } else {
        for await (const part of parts) {
          if (abort.signal.aborted) break;
          this.#connection.send({ type: "stream", requestId, data: Buffer.from(part).toString("base64") });
          await this.#connection.drained();
        }
      }
    } catch (error) {
      if (!abort.signal.aborted) throw error;
    } finally {
      this.#streams.delete(requestId);
    }
    // Deployed agents say so after a cancel too.
    this.#connection.send({ type: "stream_end", requestId, reason: "completed" });
  }

  async #ask(
    message: WireMessage,
    signal?: AbortSignal,
  ): Promise<{ status: number; headers: Record<string, string>; parts: AsyncIterable<Uint8Array> }> {
    const scripted = await this.#options.handler?.(message);
    if (scripted) {
      const { status = 200, headers = {}, body, stream } = scripted;
      return { status, headers, parts: asAsync(stream ?? (body === undefined ? [] : [Buffer.from(body)])) };
    }
    const { dockerSocket } = this.#options;
    if (dockerSocket === undefined) {
      const body = Buffer.from('{"message":"page not found"}\n');
      return { status: 404, headers: { "Content-Type": "application/json" }, parts: asAsync([body]) };
    }
    const answer = await callEngine(dockerSocket, message, signal);
    return { status: answer.statusCode ?? 0, headers: goHeaders(answer), parts: answer as AsyncIterable<Uint8Array> };
  }

  async #compose(requestId: string, message: WireMessage): Promise<void> {
    const operation = (message["body"] ?? {}) as WireMessage;
    const { result, lines = [] } = await this.#options.compose(operation);
    if (operation["streamOutput"] === true) {
      for (const line of lines) {
        this.#connection.send({
          type: "stream",
          requestId,
          data: Buffer.from(line).toString("base64"),
          stream: "stdout",
        });
      }
    }
    this.#connection.send({
      type: "response",
      requestId,
      statusCode: result["success"] === false ? 500 : 200,
      body: JSON.stringify(result),
    });
  }
}

async function* asAsync(parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* parts;
}

async function collect(parts: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const collected: Uint8Array[] = [];
  for await (const part of parts) collected.push(part);
  return Buffer.concat(collected);
}
