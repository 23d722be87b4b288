import {
  encodeUtf8,
  type ErrorMessage,
  type ExecStartMessage,
  MAX_EXEC_SESSIONS,
  MAX_REQUESTS_IN_FLIGHT,
  type Message,
  newErrorMessage,
  newResponseMessage,
  newStreamEndMessage,
  newStreamMessage,
  type RequestMessage,
} from "@fairlead/protocol";
import type { EngineClient } from "../engine/engine-client.ts";
import type { EngineSockets } from "../engine/engine-sockets.ts";
import { ExecSession } from "../exec/exec-session.ts";
import type { Log } from "../log.ts";
import type { Policy } from "../policy/policy.ts";
import { serveStream } from "../streams/serve-streams.ts";
import { ByteBudget } from "./byte-budget.ts";
import { answerRequest, answerStream, MAX_BODIES_BYTES, type RequestContext } from "./docker-request.ts";
import type { HubConnection } from "./hub-connection.ts";
import { dockerStyleResponse } from "./request-failure.ts";

/** Path of a compose operation, which is not Docker's. */
export const COMPOSE_PATH = "/_hawser/compose";

/** Runs a compose operation: its result as an HTTP status and a JSON value. */
export type ComposeRunner = (
  body: unknown,
  options: { signal: AbortSignal; onOutput?: (chunk: string) => void },
) => Promise<{ status: number; result: unknown }>;

export interface HubSessionOptions {
  readonly connection: HubConnection;
  readonly engine: EngineClient;
  readonly compose: ComposeRunner;
  readonly requestTimeoutMs: number;
  readonly log: Log;
  /** Undefined: whatever the hub asks. */
  readonly policy?: Policy | undefined;
  /** An `error` of the hub that is not about a request. */
  readonly onError: (message: ErrorMessage) => void;
}

interface OpenRequest {
  readonly cancel: AbortController;
  readonly done: Promise<void>;
}

/** What a welcomed hub asks over one connection. Everything it opened ends with it. */
export class HubSession {
  readonly #options: HubSessionOptions;
  readonly #context: RequestContext;
  readonly #requests = new Map<string, OpenRequest>();
  readonly #execs = new Map<string, ExecSession>();

  constructor(options: HubSessionOptions) {
    this.#options = options;
    const { connection, engine, requestTimeoutMs, policy } = options;
    this.#context = {
      engine,
      policy,
      requestTimeoutMs,
      bodies: new ByteBudget(MAX_BODIES_BYTES),
      post: (lane, message) => connection.post(lane, message),
    };
  }

  /** Messages and streams that came. */
  workCount = 0;

  /** From now on the hub's calls come as streams, too. */
  acceptStreams(sockets: EngineSockets): void {
    const { connection, engine, policy } = this.#options;
    const guarded = policy && { policy, engine };
    connection.acceptStreams((stream, open) => {
      this.workCount += 1;
      serveStream(stream, open, sockets, guarded);
    });
  }

  /** One message of the hub. Never throws. */
  handle(message: Message): void {
    this.workCount += 1;
    switch (message.type) {
      case "request":
        this.#request(message);
        return;
      case "stream_end":
        // Unknown ids are no mistake here and below: the end of a thing and a message about it may pass each other.
        this.#requests.get(message.requestId)?.cancel.abort();
        return;
      case "exec_start":
        this.#exec(message);
        return;
      case "exec_input":
        this.#execs.get(message.execId)?.input(message.data);
        return;
      case "exec_resize":
        this.#execs.get(message.execId)?.resize(message.cols, message.rows);
        return;
      case "exec_end":
        this.#execs.get(message.execId)?.end("user_closed");
        return;
      case "error":
        this.#options.onError(message);
        return;
      case "welcome":
      case "stream":
        // A second welcome changes nothing, and 1.0 has no use for a stream towards an agent.
        this.#options.log.debug("ignoring a message that has no meaning here", { type: message.type });
        return;
      default:
        this.#options.connection.unexpected(message);
    }
  }

  /** Cancels everything at the engine. Resolves when all of it has ended, processes of terminals included. */
  async end(): Promise<void> {
    this.#options.connection.endStreams();
    const open = [...this.#requests.values()].map(({ cancel, done }) => {
      cancel.abort();
      return done;
    });
    const execs = [...this.#execs.values()].map((exec) => {
      exec.end("error");
      return exec.ended;
    });
    await Promise.all([...open, ...execs]);
  }

  #request(message: RequestMessage): void {
    const { requestId, path, streaming } = message;
    if (!this.#admits(requestId, this.#requests)) return;
    if (this.#requests.size >= MAX_REQUESTS_IN_FLIGHT) {
      const text = `${MAX_REQUESTS_IN_FLIGHT} requests are open on this connection, which is the limit; try again`;
      this.#options.connection.send(dockerStyleResponse(requestId, 503, text));
      if (streaming) this.#options.connection.send(newStreamEndMessage(requestId, "error"));
      return;
    }
    const cancel = new AbortController();
    const answer = isCompose(path) ? this.#compose.bind(this) : streaming ? answerStream : answerRequest;
    const done = answer(message, this.#context, cancel.signal)
      .catch((error: unknown) =>
        this.#options.log.error("a request failed", { path: path.split("?")[0], error: String(error) }),
      )
      .finally(() => this.#requests.delete(requestId));
    this.#requests.set(requestId, { cancel, done });
  }

  #exec(message: ExecStartMessage): void {
    const { execId } = message;
    const { connection, engine, log, requestTimeoutMs, policy } = this.#options;
    if (!this.#admits(execId, this.#execs)) return;
    if (this.#execs.size >= MAX_EXEC_SESSIONS) {
      const text = `${MAX_EXEC_SESSIONS} execs are open on this connection, which is the limit; close one`;
      connection.send(newErrorMessage(execId, text, "too_many_requests"));
      return;
    }
    const exec = new ExecSession(message, {
      engine,
      log,
      policy,
      requestTimeoutMs,
      send: (outgoing) => connection.post("interactive", outgoing),
    });
    this.#execs.set(execId, exec);
    void exec.ended.then(() => this.#execs.delete(execId));
  }

  /** An id that is open already would mix two answers. The first goes on. */
  #admits(id: string, open: ReadonlyMap<string, unknown>): boolean {
    if (id !== "" && !open.has(id)) return true;
    const [code, text] =
      id === "" ? ["invalid_message", "the id must not be empty"] : ["duplicate_request", `the id ${id} is still open`];
    this.#options.connection.send(newErrorMessage(id, text ?? "", code ?? ""));
    return false;
  }

  async #compose(message: RequestMessage, { post }: RequestContext, signal: AbortSignal): Promise<void> {
    const { requestId, streaming } = message;
    try {
      const body: unknown = JSON.parse(Buffer.from(message.body ?? []).toString());
      const wantsOutput = (body as { streamOutput?: unknown } | null)?.streamOutput === true;
      const { status, result } = await this.#options.compose(body, {
        signal,
        ...(wantsOutput ? { onOutput: outputSender(requestId, post) } : {}),
      });
      await post("bulk", newResponseMessage(requestId, status, {}, encodeUtf8(JSON.stringify(result))));
      if (streaming) await post("bulk", newStreamEndMessage(requestId, "completed"));
    } catch (error) {
      if (!signal.aborted) await post("bulk", newErrorMessage(requestId, (error as Error).message, "COMPOSE_ERROR"));
      if (streaming || signal.aborted) {
        await post("bulk", newStreamEndMessage(requestId, signal.aborted ? "cancelled" : "error"));
      }
    }
  }
}

/** Output of compose that waits for a slow hub. What comes beyond it is left out of the stream: the result repeats the output. */
const MAX_WAITING_OUTPUT_BYTES = 1024 * 1024;

function outputSender(requestId: string, post: RequestContext["post"]): (chunk: string) => void {
  let waitingBytes = 0;
  return (chunk) => {
    const data = encodeUtf8(chunk);
    if (waitingBytes + data.length > MAX_WAITING_OUTPUT_BYTES) return;
    waitingBytes += data.length;
    const release = (): void => void (waitingBytes -= data.length);
    const handedOver = post("bulk", newStreamMessage(requestId, data));
    if (handedOver) void handedOver.then(release);
    else release();
  };
}

function isCompose(path: string): boolean {
  return path.split("?")[0] === COMPOSE_PATH;
}
