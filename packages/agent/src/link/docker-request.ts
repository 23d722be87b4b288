import {
  newResponseMessage,
  newStreamEndMessage,
  newStreamMessage,
  type OutgoingMessage,
  type RequestMessage,
  STREAM_CHUNK_BYTES,
} from "@fairlead/protocol";
import type { EngineClient, EngineStream, WholeOptions } from "../engine/engine-client.ts";
import { engineFailure } from "../engine/engine-failure.ts";
import { judgeRequest } from "../policy/judge-request.ts";
import type { Policy } from "../policy/policy.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { dockerStyleResponse, failureMessage } from "./request-failure.ts";
import type { Lane } from "./send-lanes.ts";

/** What answering requests needs. */
export interface RequestContext {
  readonly engine: EngineClient;
  readonly requestTimeoutMs: number;
  /** Undefined: whatever the hub asks. */
  readonly policy?: Policy | undefined;
  /** Room for bodies in both directions, of all requests of the connection. */
  readonly bodies: ByteBudget;
  /** See `HubConnection.post`. */
  readonly post: (lane: Lane, message: OutgoingMessage) => Promise<void> | undefined;
}

/**
 * Bodies held at one time on a connection. One body may be 16 MiB and 1,024 requests may be open: without a limit over all of them a
 * host with little memory would be killed by its agent. Four large ones at once is more than hubs are seen to ask for.
 */
export const MAX_BODIES_BYTES = 64 * 1024 * 1024;

/** Answers up to this pass bulk data. */
const SMALL_ANSWER_BYTES = STREAM_CHUNK_BYTES;

/** The engine waits this long for a container to stop when the call does not say. */
const DEFAULT_STOP_SECONDS = 10;

const NO_BYTES = new Uint8Array(0);

/** Answers a request with one `response` (or `error`), or, once cancelled, with `stream_end`. */
export async function answerRequest(
  message: RequestMessage,
  context: RequestContext,
  signal: AbortSignal,
): Promise<void> {
  const { requestId } = message;
  await withRoom(message, context, async (options) => {
    const timeoutMs = patienceMs(message, context.requestTimeoutMs);
    try {
      const { status, headers, body } = await context.engine.request(await admitted(message, context), {
        ...options,
        signal,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      });
      const lane = body.length > SMALL_ANSWER_BYTES ? "bulk" : "interactive";
      await context.post(lane, newResponseMessage(requestId, status, headers, body));
    } catch (error) {
      const answer = signal.aborted ? newStreamEndMessage(requestId, "cancelled") : failureMessage(requestId, error);
      await context.post("interactive", answer);
    }
  });
}

/**
 * Answers a streaming request. 2xx: an empty `stream` as soon as the head is there (a `docker run` waits for the head of `/wait` before
 * it starts the container), the body in pieces, `stream_end`. Anything else: one `response` with status and body, `stream_end`.
 */
export async function answerStream(
  message: RequestMessage,
  context: RequestContext,
  signal: AbortSignal,
): Promise<void> {
  const { requestId } = message;
  await withRoom(message, context, async (options) => {
    try {
      const stream = await context.engine.open(await admitted(message, context), { signal });
      if (stream.status >= 200 && stream.status < 300) await sendPieces(requestId, stream, context);
      else {
        const body = await context.engine.readWhole(message, stream.body, options);
        await context.post("bulk", newResponseMessage(requestId, stream.status, stream.headers, body));
      }
      await context.post("bulk", newStreamEndMessage(requestId, "completed"));
    } catch (error) {
      if (!signal.aborted) await context.post("bulk", failureMessage(requestId, error));
      await context.post("bulk", newStreamEndMessage(requestId, signal.aborted ? "cancelled" : "error"));
    }
  });
}

/** The call as this host's policy lets it be made. */
async function admitted(message: RequestMessage, { policy, engine }: RequestContext): Promise<RequestMessage> {
  return policy === undefined ? message : await judgeRequest(policy, message, engine);
}

async function sendPieces(requestId: string, { body }: EngineStream, context: RequestContext): Promise<void> {
  await context.post("bulk", newStreamMessage(requestId, NO_BYTES));
  try {
    for await (const bytes of body as AsyncIterable<Uint8Array>) {
      for (let at = 0; at < bytes.length; at += STREAM_CHUNK_BYTES) {
        // Nothing more is read from the engine until the piece is on its way: the engine feels a slow hub.
        const piece = bytes.subarray(at, at + STREAM_CHUNK_BYTES);
        const handedOver = context.post("bulk", newStreamMessage(requestId, piece));
        if (handedOver) await handedOver;
      }
    }
  } catch (error) {
    throw engineFailure(error, context.engine.name, "body");
  }
}

async function withRoom(
  { requestId, body, streaming }: RequestMessage,
  { bodies, post }: RequestContext,
  run: (options: WholeOptions) => Promise<void>,
): Promise<void> {
  let held = 0;
  const reserve = (bytes: number): boolean => {
    if (!bodies.take(bytes)) return false;
    held += bytes;
    return true;
  };
  if (!reserve(body?.length ?? 0)) {
    await post("interactive", dockerStyleResponse(requestId, 503, "too many large bodies at once; try again"));
    if (streaming) await post("interactive", newStreamEndMessage(requestId, "error"));
    return;
  }
  try {
    await run({ reserve });
  } finally {
    bodies.release(held);
  }
}

/** How long the engine may be silent over a call: `REQUEST_TIMEOUT`, more where the call itself says so, and without end for `/wait`. */
export function patienceMs(
  { path, method }: Pick<RequestMessage, "path" | "method">,
  timeoutMs: number,
): number | undefined {
  const [, route = "", query = ""] = /^([^?]*)\??(.*)$/.exec(path) ?? [];
  if (method !== "POST") return timeoutMs;
  if (/\/containers\/[^/]+\/wait$/.test(route)) return undefined;
  if (!/\/containers\/[^/]+\/(stop|restart)$/.test(route)) return timeoutMs;
  const seconds = new URLSearchParams(query).get("t");
  const stopSeconds = seconds === null || !/^-?\d{1,9}$/.test(seconds) ? DEFAULT_STOP_SECONDS : Number(seconds);
  // A negative `t` tells the engine to wait as long as it takes.
  return stopSeconds < 0 ? undefined : timeoutMs + stopSeconds * 1000;
}
