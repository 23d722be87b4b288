/**
 * The messages as programs hold them. Field names are the wire's; bodies and data are bytes,
 * and the codec alone knows which of them travel as text, JSON or base64.
 */
import type { Static } from "typebox";
import { PROTOCOL_VERSION } from "./limits.ts";
import type { WIRE, HostMetricsSchema, ContainerEventSchema } from "./schemas/wire.ts";

type Sent<T extends keyof typeof WIRE> = Static<(typeof WIRE)[T]["sent"]>;
type Headers = Record<string, string>;

export type MessageType = keyof typeof WIRE;

/** Wire names of the 17 message types, as the reference's constants name them. */
export const TypeHello = "hello";
export const TypeWelcome = "welcome";
export const TypeRequest = "request";
export const TypeResponse = "response";
export const TypeStream = "stream";
export const TypeStreamEnd = "stream_end";
export const TypeMetrics = "metrics";
export const TypeContainerEvent = "container_event";
export const TypePing = "ping";
export const TypePong = "pong";
export const TypeError = "error";
export const TypeExecStart = "exec_start";
export const TypeExecReady = "exec_ready";
export const TypeExecInput = "exec_input";
export const TypeExecOutput = "exec_output";
export const TypeExecResize = "exec_resize";
export const TypeExecEnd = "exec_end";

export const MESSAGE_TYPES: readonly MessageType[] = [
  TypeHello,
  TypeWelcome,
  TypeRequest,
  TypeResponse,
  TypeStream,
  TypeStreamEnd,
  TypeMetrics,
  TypeContainerEvent,
  TypePing,
  TypePong,
  TypeError,
  TypeExecStart,
  TypeExecReady,
  TypeExecInput,
  TypeExecOutput,
  TypeExecResize,
  TypeExecEnd,
];

/** The agent runs `docker compose`. */
export const CapabilityCompose = "compose";
/** The agent opens interactive execs. */
export const CapabilityExec = "exec";
/** The agent sends host metrics. */
export const CapabilityMetrics = "metrics";
/** The agent sends container events. */
export const CapabilityEvents = "events";
export const CAPABILITIES: readonly string[] = [CapabilityCompose, CapabilityExec, CapabilityMetrics, CapabilityEvents];

/** Error codes that deployed 1.0 peers put in `error.code`. */
export type WireErrorCode =
  | "DOCKER_ERROR"
  | "READ_ERROR"
  | "PARSE_ERROR"
  | "COMPOSE_ERROR"
  | "EXEC_CREATE_ERROR"
  | "EXEC_START_ERROR";

export type HostMetrics = Static<typeof HostMetricsSchema>;
export type ContainerEvent = Static<typeof ContainerEventSchema>;

export type HelloMessage = Sent<"hello">;
/** `environmentId` is absent from some hubs' welcome. */
export type WelcomeMessage = Omit<Sent<"welcome">, "environmentId"> & { environmentId?: number };
export interface RequestMessage {
  type: "request";
  requestId: string;
  method: string;
  /** Path with query. */
  path: string;
  headers?: Headers;
  /** The bytes to forward to the engine. Absent when there is no body. */
  body?: Uint8Array;
  streaming: boolean;
}
export interface ResponseMessage {
  type: "response";
  requestId: string;
  statusCode: number;
  headers?: Headers;
  /** The bytes of the answer. Absent when empty. */
  body?: Uint8Array;
}
export type StreamMessage = Omit<Sent<"stream">, "data"> & { data: Uint8Array };
export type StreamEndMessage = Sent<"stream_end">;
export type MetricsMessage = Sent<"metrics">;
export type ContainerEventMessage = Sent<"container_event">;
export type PingMessage = Sent<"ping">;
export type PongMessage = Sent<"pong">;
/** `retryAfter`: seconds to wait before dialling again, from hubs that say so. */
export type ErrorMessage = Sent<"error"> & { retryAfter?: number };
export type ExecStartMessage = Sent<"exec_start">;
export type ExecReadyMessage = Sent<"exec_ready">;
export type ExecInputMessage = Omit<Sent<"exec_input">, "data"> & { data: Uint8Array };
export type ExecOutputMessage = Omit<Sent<"exec_output">, "data"> & { data: Uint8Array };
export type ExecResizeMessage = Sent<"exec_resize">;
export type ExecEndMessage = Sent<"exec_end">;

export type Message =
  | HelloMessage
  | WelcomeMessage
  | RequestMessage
  | ResponseMessage
  | StreamMessage
  | StreamEndMessage
  | MetricsMessage
  | ContainerEventMessage
  | PingMessage
  | PongMessage
  | ErrorMessage
  | ExecStartMessage
  | ExecReadyMessage
  | ExecInputMessage
  | ExecOutputMessage
  | ExecResizeMessage
  | ExecEndMessage;

/** What can be sent: every message, and the two that Go peers send with a nil slice. Decoding never gives a `null`. */
export type OutgoingMessage =
  | Message
  | (Omit<HelloMessage, "capabilities"> & { capabilities: string[] | null })
  | (Omit<StreamMessage, "data"> & { data: Uint8Array | null });

// The constructors of the reference, with its parameters in its order. An empty string is Go's zero value: omitted on the wire.

/** Hello of an agent; `protocol` is this package's version. `null` capabilities travel as `null`, as Go's nil slice does. */
export function newHelloMessage(
  agentId: string,
  agentName: string,
  token: string,
  dockerVersion: string,
  hostname: string,
  hawserVersion: string,
  capabilities: readonly string[] | null,
) {
  return {
    type: TypeHello,
    version: hawserVersion,
    protocol: PROTOCOL_VERSION,
    agentId,
    agentName,
    token,
    dockerVersion,
    hostname,
    capabilities: capabilities && [...capabilities],
  } satisfies OutgoingMessage;
}

/** Answer to a request. An empty body is absent on the wire. */
export function newResponseMessage(
  requestId: string,
  statusCode: number,
  headers: Headers,
  body: Uint8Array,
): ResponseMessage {
  return { type: TypeResponse, requestId, statusCode, headers, ...(body.length > 0 ? { body } : {}) };
}

/** A piece of a stream; `stream` is "stdout", "stderr" or "". `null` data travels as `null`, as Go's nil slice does. */
export function newStreamMessage(requestId: string, data: Uint8Array | null, stream = "") {
  return { type: TypeStream, requestId, data, ...(stream === "" ? {} : { stream }) } satisfies OutgoingMessage;
}

export function newStreamEndMessage(requestId: string, reason = ""): StreamEndMessage {
  return { type: TypeStreamEnd, requestId, ...(reason === "" ? {} : { reason }) };
}

/** @param timestamp Unix time in seconds. */
export function newMetricsMessage(timestamp: number, metrics: HostMetrics): MetricsMessage {
  return { type: TypeMetrics, timestamp, metrics };
}

export function newContainerEventMessage(event: ContainerEvent): ContainerEventMessage {
  return { type: TypeContainerEvent, event };
}

/** @param timestamp Unix time in seconds. */
export function newPingMessage(timestamp: number): PingMessage {
  return { type: TypePing, timestamp };
}

/** @param timestamp Unix time in seconds. */
export function newPongMessage(timestamp: number): PongMessage {
  return { type: TypePong, timestamp };
}

export function newErrorMessage(requestId: string, errorMsg: string, code: string): ErrorMessage {
  return {
    type: TypeError,
    error: errorMsg,
    ...(requestId === "" ? {} : { requestId }),
    ...(code === "" ? {} : { code }),
  };
}

export function newExecReadyMessage(execId: string): ExecReadyMessage {
  return { type: TypeExecReady, execId };
}

export function newExecOutputMessage(execId: string, data: Uint8Array): ExecOutputMessage {
  return { type: TypeExecOutput, execId, data };
}

export function newExecEndMessage(execId: string, reason = ""): ExecEndMessage {
  return { type: TypeExecEnd, execId, ...(reason === "" ? {} : { reason }) };
}
