import { decodeBase64 } from "./base64.ts";
import type { ErrorCode } from "./errors.ts";
import { checks, fields } from "./generated/validators.ts";
import { MAX_CAPABILITIES, MAX_HEADER_BYTES, MAX_ID_LENGTH, MAX_NAME_LENGTH, MAX_PATH_BYTES } from "./limits.ts";
import type { HostMetrics, Message, MessageType } from "./message.ts";
import { encodeUtf8 } from "./utf8.ts";

/** Why a text is not a message. `type` and `id` are there when they could be read. */
export interface Problem {
  readonly code: Extract<
    ErrorCode,
    "malformed_json" | "missing_type" | "unknown_type" | "invalid_message" | "bad_base64" | "message_too_big"
  >;
  readonly message: string;
  /** The message's `type`, cut to a length fit for a log. */
  readonly type?: string;
  /** Its requestId or execId, so that the one request can be failed. */
  readonly id?: string;
}

export type Decoded =
  | { readonly ok: true; readonly message: Message }
  | { readonly ok: false; readonly problem: Problem };

type Json = Record<string, unknown>;

/**
 * The message in a WebSocket text message, or the problem with it. Never throws on peer input.
 * Accepts the dialects of deployed peers and gives the reference's form; unknown fields are dropped.
 */
export function decodeMessage(text: string): Decoded {
  const value = parse(text);
  if (value === undefined) return problem("malformed_json", "a message must be one JSON object");
  const type = value["type"];
  if (typeof type !== "string" || type === "") return problem("missing_type", "a message must have a string `type`");
  if (!isMessageType(type)) return problem("unknown_type", `unknown message type ${shown(type)}`, { type: cut(type) });
  const about = { type, ...idOf(value) };
  if (!checks[type](value)) {
    return problem("invalid_message", `${type}: ${wrongField(type, value)} is missing or has a wrong type`, about);
  }
  try {
    return normalize(type, value, text, about);
  } catch {
    // Only a body nested deeper than the stack allows to write again.
    return problem("invalid_message", `${type}: body is nested too deeply`, about);
  }
}

/** `type` of a raw message: "" when it has none, `undefined` when the text is not a JSON object or `type` not a string. */
export function parseMessageType(data: string): string | undefined {
  try {
    const value: unknown = JSON.parse(data);
    if (value === null) return "";
    if (typeof value !== "object" || Array.isArray(value)) return undefined;
    const type = (value as Json)["type"] ?? "";
    return typeof type === "string" ? type : undefined;
  } catch {
    return undefined;
  }
}

export function isMessageType(type: string): type is MessageType {
  return Object.hasOwn(checks, type);
}

function normalize(type: MessageType, value: Json, text: string, about: { type: string; id?: string }): Decoded {
  for (const name of ["requestId", "execId", "containerId"]) {
    if (typeof value[name] === "string" && value[name].length > MAX_ID_LENGTH) {
      return problem("invalid_message", `${type}: ${name} is longer than ${MAX_ID_LENGTH} characters`, { type });
    }
  }
  switch (type) {
    case "hello":
      return message({
        type,
        version: name(value["version"]),
        protocol: name(value["protocol"]),
        agentId: name(value["agentId"]),
        agentName: name(value["agentName"]),
        token: string(value["token"]),
        dockerVersion: name(value["dockerVersion"]),
        hostname: name(value["hostname"]),
        capabilities: [],
        ...capabilities(value["capabilities"]),
        ...policy(value["policy"]),
      });
    case "welcome":
      return message({
        type,
        ...(typeof value["environmentId"] === "number" ? { environmentId: value["environmentId"] } : {}),
        ...text1("message", value["message"]),
        ...capabilities(value["capabilities"]),
      });
    case "request":
      return request(value, text, about);
    case "response":
      return response(value, about);
    case "stream":
      return withData(value, about, (data) => ({
        type,
        requestId: string(value["requestId"]),
        data,
        ...text1("stream", value["stream"]),
      }));
    case "stream_end":
      return message({ type, requestId: string(value["requestId"]), ...text1("reason", value["reason"]) });
    case "metrics":
      return message({
        type,
        timestamp: number(value["timestamp"]),
        metrics: withoutNulls(value["metrics"] as Json),
      });
    case "container_event": {
      const event = value["event"] as Json;
      const attributes = event["actorAttributes"] as Record<string, string> | null | undefined;
      return message({
        type,
        event: {
          containerId: cut(string(event["containerId"]), MAX_ID_LENGTH),
          ...text1("containerName", event["containerName"]),
          ...text1("image", event["image"]),
          action: string(event["action"]),
          ...(attributes ? { actorAttributes: attributes } : {}),
          timestamp: string(event["timestamp"]),
        },
      });
    }
    case "ping":
    case "pong":
      return message({ type, timestamp: number(value["timestamp"]) });
    case "error":
      return message({
        type,
        ...text1("requestId", value["requestId"]),
        error: string(value["error"]) || string(value["message"]),
        ...text1("code", value["code"]),
        ...(typeof value["retryAfter"] === "number" ? { retryAfter: value["retryAfter"] } : {}),
      });
    case "exec_start":
      return message({
        type,
        execId: string(value["execId"]),
        containerId: string(value["containerId"]),
        cmd: string(value["cmd"]),
        user: string(value["user"]),
        cols: number(value["cols"]),
        rows: number(value["rows"]),
      });
    case "exec_ready":
      return message({ type, execId: string(value["execId"]) });
    case "exec_input":
    case "exec_output":
      return withData(value, about, (data) => ({ type, execId: string(value["execId"]), data }));
    case "exec_resize":
      return message({
        type,
        execId: string(value["execId"]),
        cols: number(value["cols"]),
        rows: number(value["rows"]),
      });
    case "exec_end":
      return message({ type, execId: string(value["execId"]), ...text1("reason", value["reason"]) });
  }
}

function request(value: Json, text: string, about: { type: string; id?: string }): Decoded {
  const path = string(value["path"]);
  if (path.length > MAX_PATH_BYTES) {
    return problem("invalid_message", `request: path is longer than ${MAX_PATH_BYTES} bytes`, about);
  }
  const headers = headersOf(value);
  if (headers === undefined) return headersTooLarge(about);
  const body = value["isBinary"] === true ? binaryBody(value["body"]) : forwardedBody(value["body"], text);
  if (body === "bad_base64") return problem("bad_base64", "request: body is not padded standard base64", about);
  return message({
    type: "request",
    requestId: string(value["requestId"]),
    method: string(value["method"]),
    path,
    ...headers,
    ...(body && body.length > 0 ? { body } : {}),
    streaming: value["streaming"] === true,
  });
}

function response(value: Json, about: { type: string; id?: string }): Decoded {
  const headers = headersOf(value);
  if (headers === undefined) return headersTooLarge(about);
  const text = string(value["body"]);
  const body = value["isBinary"] === true ? decodeBase64(text) : encodeUtf8(text);
  if (body === undefined) return problem("bad_base64", "response: body is not padded standard base64", about);
  return message({
    type: "response",
    requestId: string(value["requestId"]),
    statusCode: number(value["statusCode"]),
    ...headers,
    ...(body.length > 0 ? { body } : {}),
  });
}

function binaryBody(body: unknown): Uint8Array | undefined | "bad_base64" {
  if (body === undefined || body === null) return undefined;
  return typeof body === "string" ? (decodeBase64(body) ?? "bad_base64") : "bad_base64";
}

/** The bytes that a JSON `body` stands for: a string's text as it is, anything else as JSON. */
function forwardedBody(body: unknown, text: string): Uint8Array | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === "string") return encodeUtf8(body);
  // Numbers beyond a double's range are rounded by JSON.parse; where the text may hold one, it is read again with their digits kept.
  const exact = /[0-9]{16}|[0-9]e[-+]?[0-9]{3}/i.test(text) ? (JSON.parse(text, keepDigits) as Json)["body"] : body;
  return encodeUtf8(JSON.stringify(exact));
}

interface RawJson {
  rawJSON(text: string): unknown;
}

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || context?.source === undefined || String(value) === context.source) return value;
  return "rawJSON" in JSON ? (JSON as unknown as RawJson).rawJSON(context.source) : value;
}

function withData(value: Json, about: { type: string; id?: string }, build: (data: Uint8Array) => Message): Decoded {
  const data = decodeBase64(string(value["data"]));
  if (data === undefined) return problem("bad_base64", `${about.type}: data is not padded standard base64`, about);
  return message(build(data));
}

function headersOf(value: Json): { headers?: Record<string, string> } | undefined {
  const headers = value["headers"] as Record<string, string> | null | undefined;
  if (!headers) return {};
  let bytes = 0;
  for (const name in headers) bytes += name.length + (headers[name]?.length ?? 0);
  return bytes > MAX_HEADER_BYTES ? undefined : { headers };
}

function headersTooLarge(about: { type: string; id?: string }): Decoded {
  return problem("message_too_big", `${about.type}: headers are over ${MAX_HEADER_BYTES} bytes`, about);
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

function wrongField(type: MessageType, value: Json): string {
  for (const field of fields[type]) {
    let at: unknown = value;
    for (const step of field.path) at = typeof at === "object" && at !== null ? (at as Json)[step] : undefined;
    if (at === undefined ? field.required : !field.check(at)) return field.path.join(".");
  }
  return "a field";
}

function message(value: Message): Decoded {
  return { ok: true, message: value };
}

function problem(code: Problem["code"], text: string, about: { type?: string; id?: string } = {}): Decoded {
  return { ok: false, problem: { code, message: text, ...about } };
}

function idOf(value: Json): { id?: string } {
  const id = value["requestId"] ?? value["execId"];
  return typeof id === "string" && id.length <= MAX_ID_LENGTH ? { id } : {};
}

function withoutNulls(figures: Json): Json {
  return Object.fromEntries(Object.entries(figures).filter(([key, figure]) => figure !== null && key in METRIC_NAMES));
}

const METRIC_NAMES: Record<keyof HostMetrics, true> = {
  cpuUsage: true,
  cpuCores: true,
  memoryTotal: true,
  memoryUsed: true,
  memoryFree: true,
  diskTotal: true,
  diskUsed: true,
  diskFree: true,
  networkRxBytes: true,
  networkTxBytes: true,
  uptime: true,
};

function text1<K extends string>(key: K, value: unknown): { [P in K]?: string } {
  return typeof value === "string" && value !== "" ? ({ [key]: value } as { [P in K]?: string }) : {};
}

function capabilities(value: unknown): { capabilities?: string[] } {
  return Array.isArray(value) ? { capabilities: value.slice(0, MAX_CAPABILITIES).map(name) } : {};
}

/** Absent and empty mean the same. */
function policy(value: unknown): { policy?: string } {
  return text1("policy", name(value));
}

function string(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function name(value: unknown): string {
  return cut(string(value), MAX_NAME_LENGTH);
}

function cut(text: string, length = 64): string {
  return text.length > length ? text.slice(0, length) : text;
}

function shown(text: string): string {
  return JSON.stringify(cut(text));
}
