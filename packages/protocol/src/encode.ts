import { encodeBase64 } from "./base64.ts";
import type { HostMetrics, OutgoingMessage, RequestMessage, ResponseMessage } from "./message.ts";
import { decodeUtf8 } from "./utf8.ts";

/**
 * A message as the JSON text that goes on the wire. Total: every value of the type gives a text.
 * Fields are present or omitted as Go's `encoding/json` writes the reference's structs:
 * `omitempty` fields only when they hold something, the others always.
 */
export function encodeMessage(message: OutgoingMessage): string {
  switch (message.type) {
    case "request":
      return encodeRequest(message);
    case "response":
      return encodeResponse(message);
    case "stream":
      // Bulk: joined by hand, since base64 never needs an escape and scanning it for one costs.
      return `{"type":"stream","requestId":${quote(message.requestId)},"data":${message.data === null ? "null" : `"${encodeBase64(message.data)}"`}${optional("stream", message.stream)}}`;
    case "exec_input":
    case "exec_output":
      return `{"type":"${message.type}","execId":${quote(message.execId)},"data":"${encodeBase64(message.data)}"}`;
    case "stream_end":
      return `{"type":"stream_end","requestId":${quote(message.requestId)}${optional("reason", message.reason)}}`;
    case "exec_end":
      return `{"type":"exec_end","execId":${quote(message.execId)}${optional("reason", message.reason)}}`;
    case "welcome":
      return `{"type":"welcome","environmentId":${JSON.stringify(integer(message.environmentId))}${optional("message", message.message)}${message.capabilities?.length ? `,"capabilities":${JSON.stringify(message.capabilities)}` : ""}}`;
    case "metrics":
      return JSON.stringify({
        type: "metrics",
        timestamp: integer(message.timestamp),
        metrics: finiteFigures(message.metrics),
      });
    case "container_event": {
      const { containerId, containerName, image, action, actorAttributes, timestamp } = message.event;
      const event = {
        containerId,
        containerName: containerName || undefined,
        image: image || undefined,
        action,
        actorAttributes: nonEmpty(actorAttributes),
        timestamp,
      };
      return JSON.stringify({ type: "container_event", event });
    }
    case "error": {
      const { requestId, error, code, retryAfter } = message;
      return JSON.stringify({
        type: "error",
        requestId: requestId || undefined,
        error,
        code: code || undefined,
        retryAfter,
      });
    }
    case "ping":
    case "pong":
      return `{"type":"${message.type}","timestamp":${JSON.stringify(integer(message.timestamp))}}`;
    case "hello":
    case "exec_start":
    case "exec_ready":
    case "exec_resize":
      return JSON.stringify(message);
  }
}

function encodeRequest(message: RequestMessage): string {
  const { requestId, method, path, headers, body, streaming } = message;
  const head = JSON.stringify({ type: "request", requestId, method, path, headers: nonEmpty(headers) });
  return `${head.slice(0, -1)}${requestBody(body)},"streaming":${streaming}}`;
}

/**
 * A body travels as the JSON value it is, spliced in as its own text so that no number is rounded; other text as a string,
 * which the agent forwards as it is; other bytes as base64 with `isBinary`.
 */
function requestBody(body: Uint8Array | undefined): string {
  if (body === undefined || body.length === 0) return "";
  const text = decodeUtf8(body);
  if (text === undefined) return `,"body":"${encodeBase64(body)}","isBinary":true`;
  return `,"body":${isJsonContainer(text) ? text : quote(text)}`;
}

/** True for the text of a JSON object or array. Scalars travel as strings, which keeps `null` and `"a"` apart from no body and `a`. */
function isJsonContainer(text: string): boolean {
  if (!/^[\t\n\r ]*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function encodeResponse(message: ResponseMessage): string {
  const { requestId, statusCode, headers, body } = message;
  const head = JSON.stringify({
    type: "response",
    requestId,
    statusCode: integer(statusCode),
    headers: nonEmpty(headers),
  });
  if (body === undefined || body.length === 0) return head;
  const text = isBinaryContentType(contentType(headers)) ? undefined : plainText(body);
  const field = text === undefined ? `"body":"${encodeBase64(body)}","isBinary":true` : `"body":${quote(text)}`;
  return `${head.slice(0, -1)},${field}}`;
}

/** The binary-body rule of the reference, by content type. */
export function isBinaryContentType(type: string): boolean {
  return /octet-stream|raw-stream|tar|gzip/i.test(type);
}

// Control characters that terminals and archives use and text does not: all but TAB, LF, VT, FF, CR; DEL counts as one.
const CONTROL_CHARACTER = /[\u0000-\u0008\u000e-\u001f\u007f]/;

/** The body as text, or `undefined` when it has control characters or is not UTF-8. */
function plainText(body: Uint8Array): string | undefined {
  const text = decodeUtf8(body);
  return text === undefined || CONTROL_CHARACTER.test(text) ? undefined : text;
}

function contentType(headers: Record<string, string> | undefined): string {
  for (const name in headers) {
    if (name.toLowerCase() === "content-type") return headers[name] ?? "";
  }
  return "";
}

function finiteFigures(metrics: HostMetrics): HostMetrics {
  return Object.fromEntries(Object.entries(metrics).filter(([, figure]) => Number.isFinite(figure)));
}

function nonEmpty(map: Record<string, string> | undefined): Record<string, string> | undefined {
  return map !== undefined && Object.keys(map).length > 0 ? map : undefined;
}

function optional(name: string, value: string | undefined): string {
  return value === undefined || value === "" ? "" : `,"${name}":${quote(value)}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

/** Go's ints have no fraction; what is no number at all is its zero value. */
function integer(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? Math.trunc(value) : 0;
}
