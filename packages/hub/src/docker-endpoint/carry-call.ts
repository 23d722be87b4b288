import { type IncomingMessage, request as httpRequest, type ServerResponse } from "node:http";
import { MAX_HEADER_BYTES } from "@fairlead/protocol";
import type { DialledEngine } from "../engine/dialled-engine.ts";
import { engineFailure } from "../engine/engine-failure.ts";
import { breakOff, forgetBody, sendDockerError } from "./docker-error.ts";
import { requestHeaders, responseHeaders } from "./forwarded-headers.ts";

/**
 * Carries one ordinary call to an engine that the hub dials: head first, then both bodies as they come, each held back by its
 * reader. There is no time limit: `wait` takes hours, and the caller can always leave, which ends the call at the engine.
 */
export function carryCall(
  engine: DialledEngine,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): void {
  const { agent, headers, hostHeader } = engine.dialer;
  const upstream = httpRequest({
    agent,
    method: request.method,
    path,
    headers: [...requestHeaders(request), ...framing(request), ...Object.entries(headers).flat(), "Host", hostHeader],
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  let answer: IncomingMessage | undefined;
  upstream.on("continue", () => response.writeContinue());
  upstream.once("response", (incoming) => {
    answer = incoming;
    deliver(incoming, upstream.destroy.bind(upstream), request, response);
  });
  // What is still piped into a broken call gives errors too: only the first says why.
  upstream.on("error", () => {});
  upstream.once("error", (error) => {
    if (answer === undefined) sendDockerError(request, response, engineFailure(engine.environment, error, "head"));
    // Node takes any end of the connection for that of an answer without length and chunks, a reset included.
    else if (!answer.complete) breakOff(response);
  });
  response.once("close", () => {
    if (!response.writableFinished) upstream.destroy();
  });
  request.on("error", () => upstream.destroy());
  // The engine may answer on the head alone.
  upstream.flushHeaders();
  request.once("end", () => {
    if (request.rawTrailers.length > 0) upstream.addTrailers(pairs(request.rawTrailers));
  });
  request.pipe(upstream);
}

/** The body's framing for the engine: Node would send a POST without a body as an empty chunked one, which engines refuse. */
function framing(request: IncomingMessage): string[] {
  if (request.headers["transfer-encoding"] !== undefined) return ["Transfer-Encoding", "chunked"];
  const { method } = request;
  const mayHaveBody = method === "POST" || method === "PUT" || method === "PATCH";
  return mayHaveBody && request.headers["content-length"] === undefined ? ["Content-Length", "0"] : [];
}

function deliver(
  answer: IncomingMessage,
  hangUp: () => void,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  // A refusal in the midst of an upload: the engine reads no more.
  if ((answer.statusCode ?? 0) >= 400 && answer.headers.connection?.toLowerCase() === "close")
    forgetBody(request, response);
  // The engine's own date, or none.
  response.sendDate = false;
  try {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? "", responseHeaders(answer));
  } catch (error) {
    hangUp();
    sendDockerError(request, response, error);
    return;
  }
  // Heads go before bodies: `docker run -d` waits for the head of /wait before it starts the container.
  response.flushHeaders();
  answer.once("end", () => {
    if (answer.rawTrailers.length > 0) response.addTrailers(pairs(answer.rawTrailers));
    if (request.complete) return;
    forgetBody(request, response);
    hangUp();
  });
  // "close" without "end": the engine broke off. A clean end would pass a part for the whole.
  answer.once("close", () => {
    if (!answer.complete) breakOff(response);
  });
  answer.on("error", () => {});
  answer.pipe(response);
}

function pairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ""] satisfies [string, string]] : []));
}
