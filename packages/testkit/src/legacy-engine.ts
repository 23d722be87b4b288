import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { WireMessage } from "./wire-connection.ts";

/** What a 1.0 agent answers with. */
export interface LegacyAnswer {
  /** HTTP status. Default 200. */
  status?: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** For streaming requests instead of `body`: one `stream` message for each part. */
  stream?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** The bytes that a `request` carries: JSON as JSON, a string as text, base64 when `isBinary` says so. */
export function requestBody(message: WireMessage): Buffer | undefined {
  const { body, isBinary } = message;
  if (body === undefined || body === null) return undefined;
  if (typeof body !== "string") return Buffer.from(JSON.stringify(body));
  return Buffer.from(body, isBinary === true ? "base64" : "utf8");
}

/** Sends a `request` to a Docker socket and gives its answer as it comes. */
export function callEngine(socketPath: string, message: WireMessage, signal?: AbortSignal): Promise<IncomingMessage> {
  const body = requestBody(message);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const call = httpRequest(
    {
      socketPath,
      method: String(message["method"]),
      path: String(message["path"]),
      headers: {
        host: "docker",
        ...(body ? { "content-type": "application/json", "content-length": body.length } : {}),
        ...(message["headers"] as Record<string, string> | undefined),
      },
      agent: false,
      ...(signal ? { signal } : {}),
    },
    resolve,
  );
  call.once("error", reject);
  call.end(body);
  return promise;
}

/** Asks a Docker socket for a JSON document; gives status and document. */
export async function callEngineJson(
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; text: string; json: Record<string, unknown> }> {
  const answer = await callEngine(socketPath, { method, path, body });
  const text = Buffer.concat((await answer.toArray()) as Buffer[]).toString();
  const status = answer.statusCode ?? 0;
  let json: Record<string, unknown> = {};
  if (status < 300 && text.startsWith("{")) json = JSON.parse(text) as Record<string, unknown>;
  return { status, text, json };
}

/** Starts an exec on a terminal and gives the raw connection, with what came in the same read already put back. */
export function startExec(socketPath: string, execId: string): Promise<Socket> {
  const body = JSON.stringify({ Detach: false, Tty: true });
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const call = httpRequest({
    socketPath,
    method: "POST",
    path: `/exec/${execId}/start`,
    headers: {
      host: "docker",
      connection: "Upgrade",
      upgrade: "tcp",
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    },
    agent: false,
  });
  call.once("upgrade", (_answer, socket: Socket, head: Buffer) => {
    if (head.length > 0) socket.unshift(head);
    resolve(socket);
  });
  call.once("response", (answer) => {
    answer.resume();
    reject(new Error(`exec start failed: ${answer.statusCode}`));
  });
  call.once("error", reject);
  call.end(body);
  return promise;
}

/** Header names as Go writes them (`Content-Type`), the last of several values. */
export function goHeaders(answer: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < answer.rawHeaders.length; index += 2) {
    headers[answer.rawHeaders[index] ?? ""] = answer.rawHeaders[index + 1] ?? "";
  }
  return headers;
}

const BINARY_TYPE = /octet-stream|raw-stream|tar|gzip/;
/** Control characters other than TAB, LF, VT, FF, CR. */
const CONTROL = /[\0-\x08\x0e-\x1f\x7f]/;

/** The `body` and `isBinary` fields of a `response`, by the rule of 1.0. */
export function responseBodyFields(headers: Record<string, string>, body: Buffer): WireMessage {
  if (body.length === 0) return {};
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  const text = body.toString("utf8");
  if (BINARY_TYPE.test(type) || CONTROL.test(text)) return { body: body.toString("base64"), isBinary: true };
  return { body: text };
}
