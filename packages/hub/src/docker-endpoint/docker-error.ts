import { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type FairleadError, toFairleadError } from "@fairlead/protocol";
import { answerOf, noteAnswer } from "../http/answer-note.ts";

/** How long a caller may go on sending a body that nobody wants after its answer: time to see the answer and stop. */
const UNWANTED_BODY_TIMEOUT_MS = 10_000;

/** Answers as Docker does, `{"message": "…"}`, with the error's status; where an answer has begun already, breaks it off. */
export function sendDockerError(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
  const error = toFairleadError(thrown);
  if (response.headersSent || response.destroyed) {
    breakOff(response);
    return;
  }
  noteAnswer(response, error);
  sendDockerMessage(response, error.status, publicMessage(error));
  forgetBody(request, response);
}

/** The same on a connection that left Node's HTTP server for an upgrade. */
export function refuseTakeOver(request: IncomingMessage, connection: Duplex, thrown: unknown): void {
  if (!connection.writable) {
    connection.destroy();
    return;
  }
  const error = toFairleadError(thrown);
  noteAnswer(connection, error);
  sendDockerMessage(responseOnSocket(request, connection), error.status, publicMessage(error));
}

export function sendDockerMessage(response: ServerResponse, status: number, message: string): void {
  const text = `${JSON.stringify({ message })}\n`;
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

/** Of a defect the log has the details; callers get none. */
function publicMessage(error: FairleadError): string {
  return error.code === "internal" ? "The hub failed on this request. Its log has the details." : error.message;
}

/** Ends an answer so that nobody takes what came for the whole. */
export function breakOff(response: ServerResponse): void {
  // HTTP/1.0 has no chunks: without a length only a reset tells a cut from an end.
  if (response.socket && response.req.httpVersionMinor === 0) resetConnection(response.socket);
  response.destroy();
}

/** A reset where the connection knows one (TCP without TLS), else a plain close. */
export function resetConnection(connection: Duplex): void {
  const socket = connection as Duplex & { encrypted?: boolean; remotePort?: number; resetAndDestroy?(): void };
  if (!socket.destroyed && socket.encrypted !== true && socket.remotePort !== undefined && socket.resetAndDestroy) {
    socket.resetAndDestroy();
  } else {
    socket.destroy();
  }
}

/**
 * Reads the rest of a request whose answer does not need it, to nowhere: closing while the caller still sends would reset the
 * connection, and the caller would lose the answer. One that does not stop is cut.
 */
export function forgetBody(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) return;
  request.unpipe();
  request.resume();
  const timer = setTimeout(() => request.destroy(), UNWANTED_BODY_TIMEOUT_MS);
  timer.unref();
  request.once("close", () => clearTimeout(timer));
  response.once("close", () => clearTimeout(timer));
}

/**
 * An ordinary answer on a connection that left Node's HTTP server for an upgrade; the connection ends with it.
 */
export function responseOnSocket(request: IncomingMessage, connection: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  const socket = connection as Socket;
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once("finish", () => {
    if (answerOf(socket) === undefined) noteAnswer(socket, { status: response.statusCode });
    response.detachSocket(socket);
    endAndLinger(socket);
  });
  return response;
}

/** Ends our side after an answer, and reads what the caller still sends to nowhere, as in `forgetBody`. */
export function endAndLinger(connection: Duplex): void {
  connection.end();
  connection.resume();
  const timer = setTimeout(() => connection.destroy(), UNWANTED_BODY_TIMEOUT_MS);
  timer.unref();
  connection.once("close", () => clearTimeout(timer));
}
