import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type ErrorCode, FairleadError } from "@fairlead/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { noteAnswer } from "./answer-note.ts";
import type { RouteTable } from "./route-table.ts";
import type { WebPage } from "../web/web-page.ts";

/** Fastify's own errors by their HTTP status; what is not listed is the caller's (4xx) or a defect. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  404: "not_found",
  405: "method_not_allowed",
  413: "payload_too_large",
  415: "unsupported_media_type",
};

/** Turns whatever a route throws into the one shape, `{code, message, details?}`. */
export function errorHandler(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const known = fromRoute(error, request);
  const { status } = known;
  noteAnswer(reply.raw, known);
  if (status >= 500) {
    const { method } = request;
    const route = request.routeOptions.url;
    request.log[known.code === "internal" ? "error" : "info"]({ err: error, method, route }, "A request failed");
  }
  const challenge = request.routeOptions.config.access === "browser" ? BASIC_CHALLENGE : BEARER_CHALLENGE;
  // A text, not an object: the serializer of a route need not know error bodies.
  void reply.code(status).headers(errorHeaders(known, challenge)).send(JSON.stringify(known.toBody()));
}

const BEARER_CHALLENGE = 'Bearer realm="Fairlead"';
/** Browsers ask their user for name and password only where Basic is named. */
const BASIC_CHALLENGE = 'Basic realm="Fairlead (any name, an API token as password)", charset="UTF-8"';

function errorHeaders(error: FairleadError, challenge = BEARER_CHALLENGE): Record<string, string> {
  const { retryAfterSeconds: retryAfter, allow } = error.details ?? {};
  return {
    // Docker's clients look for exactly this, and would show the whole body as text.
    "content-type": "application/json",
    ...(error.code === "method_not_allowed" && typeof allow === "string" ? { allow } : {}),
    ...(typeof retryAfter === "number" ? { "retry-after": String(retryAfter) } : {}),
    ...(error.code === "unauthenticated" ? { "www-authenticate": challenge } : {}),
  };
}

function fromRoute(error: unknown, request: FastifyRequest): FairleadError {
  if (error instanceof FairleadError) return error;
  const status = statusOf(error);
  if (status !== undefined && status >= 400 && status < 500) return fromFastify(error as Error, status, request);
  return new FairleadError(
    "internal",
    `The hub failed on this request. Its log has the details under the request id ${request.id}.`,
    { details: { requestId: request.id }, cause: error },
  );
}

function fromFastify(error: Error & { code?: string }, status: number, request: FastifyRequest): FairleadError {
  const code = CODE_OF_STATUS[status] ?? "bad_request";
  if (code === "payload_too_large") {
    return new FairleadError(code, `The body is larger than ${request.routeOptions.bodyLimit} bytes.`, {
      details: { limitBytes: request.routeOptions.bodyLimit },
    });
  }
  if (code === "unsupported_media_type") {
    const sent = request.headers["content-type"];
    return new FairleadError(code, `The body must be application/json${sent === undefined ? "" : `, not ${sent}`}.`);
  }
  const isBody = error.code?.startsWith("FST_ERR_CTP_") === true || error instanceof SyntaxError;
  if (!isBody) return new FairleadError(code, `${error.message}.`);
  return new FairleadError(code, `The body cannot be read: ${error.message}.`, { details: { field: "body" } });
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}

/** Answers what no route takes: with the page where a browser looks, 405 when the path exists with other methods, else 404. */
export function notFoundHandler(
  routes: RouteTable,
  page: WebPage | undefined,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  return async (request, reply) => {
    if (page?.answers(request) === true) return page.send(request, reply);
    const path = request.url.split("?", 1)[0] ?? "";
    const methods = routes.methodsOf(path);
    const allowed = methods.join(", ");
    // A route may look for a file, and find none.
    if (methods.length === 0 || methods.includes(request.method))
      throw new FairleadError("not_found", `There is nothing at ${path}. See /api/docs.`);
    const details = { allow: allowed };
    throw new FairleadError("method_not_allowed", `${path} takes ${allowed}, not ${request.method}.`, { details });
  };
}

/** Any error of a part that answers on Node's own objects; one that is not ours is a defect, and logged. */
export function asFairleadError(error: unknown, log: Logger): FairleadError {
  if (error instanceof FairleadError) return error;
  log.error({ err: error }, "A request failed");
  return new FairleadError("internal", "The hub failed on this request. Its log has the details.", { cause: error });
}

/** Answers on Node's own response; Docker's clients show `message`. */
export function answerError(response: ServerResponse, error: FairleadError): void {
  if (response.headersSent) {
    // Too late for a status: the client must not take a part for the whole.
    response.destroy();
    return;
  }
  const body = JSON.stringify(error.toBody());
  noteAnswer(response, error);
  response.writeHead(error.status, { ...errorHeaders(error), "content-length": Buffer.byteLength(body) }).end(body);
}

/** Answers a request to upgrade with an error, and closes. */
export function refuseUpgrade(socket: Duplex, error: FairleadError): void {
  noteAnswer(socket, error);
  endWithAnswer(socket, error.status, errorHeaders(error), JSON.stringify(error.toBody()));
}

/** What is not even HTTP, or over the limit of heads: answered in the one shape where the socket still takes it. */
export function clientErrorHandler(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, message] = CLIENT_ERRORS[error.code ?? ""] ?? NOT_HTTP;
  endWithAnswer(
    socket,
    status,
    { "content-type": "application/json; charset=utf-8" },
    JSON.stringify({ code, message }),
  );
}

type ClientErrorAnswer = readonly [status: number, code: ErrorCode, message: string];

const NOT_HTTP: ClientErrorAnswer = [400, "bad_request", "This is not an HTTP/1.1 request."];
const CLIENT_ERRORS: Readonly<Record<string, ClientErrorAnswer>> = {
  HPE_HEADER_OVERFLOW: [431, "payload_too_large", "The request's head is over the hub's limit of 256 KiB."],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "bad_request", "The request's head did not come in time."],
};

function endWithAnswer(socket: Duplex, status: number, headers: Record<string, string>, body: string): void {
  const lines = Object.entries({ ...headers, "content-length": Buffer.byteLength(body), connection: "close" });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}\r\n${head}\r\n${body}`);
  // Closing while the peer still sends would reset the connection, and it would never read the answer.
  socket.resume();
  setTimeout(() => socket.destroy(), REFUSED_LINGER_MS).unref();
}

/** A refused peer has this long to read why. */
const REFUSED_LINGER_MS = 2_000;
