import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type FairleadError,
  GatheredWrites,
  type HeaderPairs,
  type MuxStream,
  type StreamHead,
  type StreamUser,
} from "@fairlead/protocol";
import type { StreamOpener } from "../streams/stream-opener.ts";
import { breakOff, forgetBody, sendDockerError } from "./docker-error.ts";
import { headerPairs, requestHeaders, streamResponseHeaders } from "./forwarded-headers.ts";

/** Bytes of a caller's body that wait for the agent: then the caller is not read. A frame goes out while the next comes in. */
const MAX_WAITING_BODY_BYTES = 128 * 1024;

/**
 * Carries one ordinary call to an edge agent over a stream: head first, then both bodies as they come, each held back by its reader. There
 * is no time limit: `wait` takes hours, and the caller can always leave, which ends the call at the engine.
 *
 * @throws FairleadError when no stream can be opened
 */
export function carryStreamCall(
  streams: StreamOpener,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): void {
  const hasBody = bodyHeaders(request);
  const stream = streams.open({
    method: request.method ?? "GET",
    path,
    headers: [...headerPairs(requestHeaders(request)), ...(hasBody === "chunked" ? [CHUNKED] : [])],
  });
  const call = new StreamedCall(stream, request, response);
  stream.user = call;
  if (hasBody === "none") stream.end();
  else call.sendBody();
}

const CHUNKED: HeaderPairs[number] = ["Transfer-Encoding", "chunked"];

function bodyHeaders({ headers }: IncomingMessage): "chunked" | "length" | "none" {
  if (headers["transfer-encoding"] !== undefined) return "chunked";
  return (headers["content-length"] ?? "0") === "0" ? "none" : "length";
}

/** A call on its way: the stream's user, and the caller's request and response. */
class StreamedCall implements StreamUser {
  readonly #stream: MuxStream;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #head: StreamHead | undefined;
  /** Bytes that were written and wait for the caller to read. */
  #unread = 0;
  #isBodySent = true;
  /** Not the response's own cork: with it, a chunk can come after the last one. */
  readonly #writes = new GatheredWrites(setImmediate);

  constructor(stream: MuxStream, request: IncomingMessage, response: ServerResponse) {
    this.#stream = stream;
    this.#request = request;
    this.#response = response;
    response.on("drain", () => this.#drained());
    response.once("close", () => {
      if (!response.writableFinished) stream.reset("cancelled", "the caller went away");
    });
    request.on("error", () => stream.reset("cancelled", "the caller's request broke off"));
  }

  sendBody(): void {
    const request = this.#request;
    const stream = this.#stream;
    this.#isBodySent = false;
    const written = (): void => {
      if (stream.queuedBytes < MAX_WAITING_BODY_BYTES) request.resume();
    };
    request.on("data", (chunk: Buffer) => {
      stream.write(chunk, written);
      if (stream.queuedBytes >= MAX_WAITING_BODY_BYTES) request.pause();
    });
    request.once("end", () => {
      this.#isBodySent = true;
      stream.end();
    });
  }

  head(head: StreamHead): void {
    const { status, reason = "", headers } = head;
    const response = this.#response;
    if (status < 200) {
      if (status === 100) response.writeContinue();
      return;
    }
    this.#head = head;
    // A refusal in the midst of an upload: the engine reads no more.
    const closes = headers.some(
      ([name, value]) => name.toLowerCase() === "connection" && value.toLowerCase() === "close",
    );
    if (status >= 400 && closes) this.#forgetBody();
    // The engine's own date, or none.
    response.sendDate = false;
    try {
      response.writeHead(status, reason, streamResponseHeaders(headers));
    } catch (error) {
      this.#stream.reset("engine_error", "the answer's head is not HTTP");
      sendDockerError(this.#request, response, error);
      return;
    }
    // Heads go before bodies, but not in a packet of their own when the body is there already.
    queueMicrotask(() => {
      if (!response.writableEnded && !response.destroyed) response.flushHeaders();
    });
  }

  data(bytes: Uint8Array): void {
    const { socket } = this.#response;
    if (socket === null) this.#write(bytes);
    else this.#writes.add(socket, bytes.length, () => this.#write(bytes));
  }

  end(): void {
    this.#response.end();
    if (this.#isBodySent) return;
    this.#forgetBody();
    this.#stream.reset("cancelled", "the answer came before the whole request");
  }

  reset(error: FairleadError): void {
    if (this.#head === undefined) sendDockerError(this.#request, this.#response, error);
    else breakOff(this.#response);
  }

  #write(bytes: Uint8Array): void {
    if (this.#response.write(bytes)) this.#stream.consumed(bytes.length);
    else this.#unread += bytes.length;
  }

  #drained(): void {
    const read = this.#unread;
    this.#unread = 0;
    if (read > 0) this.#stream.consumed(read);
  }

  #forgetBody(): void {
    this.#request.removeAllListeners("data");
    forgetBody(this.#request, this.#response);
  }
}
