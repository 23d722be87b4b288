/** The wire of Fairlead: messages of protocol 1.0, their codec, limits and errors. Imports nothing at run time. */
export { PROTOCOL_VERSION as ProtocolVersion } from "./limits.ts";
export * from "./limits.ts";
export * from "./errors.ts";
export * from "./message.ts";
export { decodeBase64, encodeBase64 } from "./base64.ts";
export { decodeUtf8, encodeUtf8 } from "./utf8.ts";
export { CONTAINER_ACTIONS, HEALTH_ATTRIBUTE, reportedAction } from "./container-action.ts";
export { HANG_UP_VARIABLE, hangUpExec } from "./hang-up-exec.ts";
export { splitCommand } from "./split-command.ts";
export { encodeMessage, isBinaryContentType } from "./encode.ts";
export { decodeMessage, isMessageType, parseMessageType, type Decoded, type Problem } from "./decode.ts";
export { CONNECTION_HEADERS, FRAMING_HEADERS } from "./connection-headers.ts";
export { FrameType } from "./streams/frame.ts";
export { GatheredWrites } from "./streams/gathered-writes.ts";
export { MuxStream, type StreamUser } from "./streams/mux-stream.ts";
export { type FramePipe, StreamMux, type StreamMuxOptions } from "./streams/stream-mux.ts";
export type { HeaderPairs, StreamHead, StreamOpen } from "./streams/stream-head.ts";
export {
  type ApplyMask,
  BinaryPipe,
  type ByteConnection,
  MAX_FRAME_HEADROOM,
  WebSocketSplitter,
  nativeMaskOr,
} from "./streams/websocket-frames.ts";
export { divertBinary } from "./streams/divert-binary.ts";
export * from "./permissions.ts";
export { DOCKER_ENDPOINTS, type DockerEffect, type DockerEndpointRow } from "./docker-api/docker-endpoints.ts";
export {
  classifyDockerCall,
  type DockerCallClass,
  hasCheckedVersion,
  OLDEST_CHECKED_VERSION,
} from "./docker-api/classify-docker-call.ts";
export { type DockerDemand, type DockerDemandKind, permissionsOfDemands } from "./docker-api/docker-demand.ts";
export { isFormContentType, readDockerQuery } from "./docker-api/docker-query.ts";
export {
  type DockerReading,
  hasDemandsInBody,
  MAX_DEMANDS_BODY_BYTES,
  readDockerDemands,
} from "./docker-api/read-docker-demands.ts";
