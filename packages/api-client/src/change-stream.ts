import { FairleadError, isFairleadError, toFairleadError } from "@fairlead/protocol";
import type { StreamTopic } from "@fairlead/protocol/rest";
import type { HubTransport } from "./hub-transport.ts";
import { SseParser } from "./sse-parser.ts";
import { readSocket } from "./socket-stream.ts";

/** One change. `reset`: the id to resume from is no longer kept, so read everything anew. */
export interface StreamMessage {
  readonly topic: StreamTopic | "reset";
  /** What resumes after this message. */
  readonly id: string;
  readonly data: unknown;
}

export interface StreamOptions {
  /** Default: all. */
  topics?: readonly StreamTopic[];
  /** Ids or names. Default: all. */
  environments?: readonly (string | number)[];
  /** Begin after this message. Default: what happens from now on. */
  lastEventId?: string;
  /** Ends the stream. */
  signal?: AbortSignal;
  /** Called once the hub has accepted the first connection: from here on nothing is missed. */
  onOpen?: () => void;
  /** Called on every connection that the hub has accepted, the first one included: a page can show that it is back. */
  onConnected?: () => void;
  /** Called when the connection broke and is about to be tried again. */
  onReconnect?: (error: FairleadError) => void;
  /** Silence after which the connection is taken for dead and opened again, in milliseconds. Default 60,000. */
  silenceTimeoutMs?: number;
  /**
   * What carries it. Default `sse`. Browsers allow six connections for server-sent events to a host, over all tabs; WebSockets
   * have no such limit. `websocket` uses the global `WebSocket`, which sends no headers: with a token, that one stands in the query.
   */
  transport?: "sse" | "websocket";
}

/** Hubs send a comment at least every 30 s: twice that without a byte is a dead connection. */
const SILENCE_TIMEOUT_MS = 60_000;
/** A hub that is there answers in this time; with six streams open in other tabs a browser does not even ask. */
const CHECK_TIMEOUT_MS = 5_000;
/** First pause before a new connection; it doubles up to the last. */
const FIRST_RETRY_MS = 500;
/** A hub that restarts is back within seconds; asking more often than this helps nobody. */
const LAST_RETRY_MS = 10_000;

/**
 * The hub's changes as they happen. A broken connection is opened again and resumed after the last message, without loss.
 * @throws FairleadError when the hub refuses (no token, no such environment); a hub that is away is waited for.
 */
export async function* readChanges(transport: HubTransport, options: StreamOptions): AsyncGenerator<StreamMessage> {
  const position = { id: options.lastEventId ?? "" };
  let retryMs = FIRST_RETRY_MS;
  let opened = false;
  while (!options.signal?.aborted) {
    let failure: FairleadError;
    try {
      const read = options.transport === "websocket" ? readSocketOnce : readOnce;
      yield* read(transport, options, position, () => {
        retryMs = FIRST_RETRY_MS;
        options.onConnected?.();
        if (!opened) options.onOpen?.();
        opened = true;
      });
      failure = new FairleadError("hub_unreachable", `The hub at ${transport.url} ended the stream`);
    } catch (error) {
      failure = toFairleadError(error, "hub_unreachable");
      if (failure.code === "cancelled") return;
      if (!failure.retryable) throw failure;
    }
    if (options.signal?.aborted) return;
    options.onReconnect?.(failure);
    await pause(retryMs, options.signal);
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  }
}

async function* readOnce(
  transport: HubTransport,
  options: StreamOptions,
  position: { id: string },
  onOpen: () => void,
): AsyncGenerator<StreamMessage> {
  const connection = new AbortController();
  const abort = (): void => connection.abort();
  options.signal?.addEventListener("abort", abort, { once: true });
  const silenceMs = options.silenceTimeoutMs ?? SILENCE_TIMEOUT_MS;
  let silence = setTimeout(abort, silenceMs);
  try {
    const response = await transport.openOk("/api/v1/stream", {
      query: { topics: options.topics, environment: options.environments },
      headers: { accept: "text/event-stream", ...(position.id === "" ? {} : { "last-event-id": position.id }) },
      signal: connection.signal,
    });
    onOpen();
    const parser = new SseParser();
    parser.lastEventId = position.id;
    for await (const text of textOf(response)) {
      clearTimeout(silence);
      silence = setTimeout(abort, silenceMs);
      for (const { event, data, id } of parser.push(text)) {
        yield { topic: event as StreamTopic, id, data: parse(data) };
        position.id = id;
      }
      // An id without data moves the position on, past what was filtered out.
      position.id = parser.lastEventId;
    }
  } catch (error) {
    // Our own silence timer is a broken connection, the caller's signal is not.
    if (options.signal?.aborted) throw new FairleadError("cancelled", "The stream was cancelled", { cause: error });
    throw isFairleadError(error) && !isFairleadError(error, "cancelled")
      ? error
      : new FairleadError("hub_unreachable", `The stream from ${transport.url} broke off`, { cause: error });
  } finally {
    clearTimeout(silence);
    options.signal?.removeEventListener("abort", abort);
    connection.abort();
  }
}

async function* readSocketOnce(
  transport: HubTransport,
  options: StreamOptions,
  position: { id: string },
  onOpen: () => void,
): AsyncGenerator<StreamMessage> {
  const url = transport.resolveSocket("/api/v1/stream", {
    topics: options.topics,
    environment: options.environments,
    lastEventId: position.id,
    access_token: transport.token,
  });
  const silenceMs = options.silenceTimeoutMs ?? SILENCE_TIMEOUT_MS;
  try {
    for await (const text of readSocket(url, { silenceMs, onOpen, signal: options.signal })) {
      const { topic, id, data } = parse(text) as { topic: StreamMessage["topic"] | "idle"; id: string; data?: unknown };
      if (topic !== "idle") yield { topic, id, data };
      position.id = id;
    }
  } catch (error) {
    if (options.signal?.aborted) throw new FairleadError("cancelled", "The stream was cancelled", { cause: error });
    // A browser tells nothing of an answer that was no upgrade: an ordinary call is told why the hub refuses.
    if (!(error instanceof RangeError)) await checkStream(transport, options);
    throw new FairleadError("hub_unreachable", `The stream from ${transport.url} broke off`, { cause: error });
  }
}

/** @throws FairleadError what the hub says to who would follow the stream now. */
async function checkStream(transport: HubTransport, options: StreamOptions): Promise<void> {
  const asked = new AbortController();
  const timer = setTimeout(() => asked.abort(), CHECK_TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([asked.signal, options.signal]) : asked.signal;
  try {
    const query = { topics: options.topics, environment: options.environments };
    await transport.openOk("/api/v1/stream", { query, signal, headers: { accept: "text/event-stream" } });
  } catch (error) {
    if (!isFairleadError(error, "cancelled")) throw error;
  } finally {
    clearTimeout(timer);
    asked.abort();
  }
}

async function* textOf(response: Response): AsyncGenerator<string> {
  if (response.body === null) return;
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield decoder.decode(value as Uint8Array, { stream: true });
    }
  } finally {
    // Leaving early ends the connection; that it is already broken is no news here.
    await reader.cancel().catch(() => {});
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new FairleadError("hub_unreachable", "The event stream holds something that is not JSON");
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const wake = (): void => {
    clearTimeout(timer);
    resolve();
  };
  signal?.addEventListener("abort", wake, { once: true });
  return promise.finally(() => signal?.removeEventListener("abort", wake));
}
