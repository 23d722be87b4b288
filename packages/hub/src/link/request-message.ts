import {
  encodeMessage,
  FairleadError,
  MAX_BODY_BYTES,
  MAX_MESSAGE_BYTES,
  type OutgoingMessage,
  type RequestMessage,
} from "@fairlead/protocol";
import type { EngineCall } from "../engine/engine-connection.ts";

/** A call as the wire has it. */
export function requestMessage(requestId: string, call: EngineCall, streaming: boolean): RequestMessage {
  const { method, path, headers, body } = call;
  return {
    type: "request",
    requestId,
    method,
    path,
    ...(headers === undefined ? {} : { headers: { ...headers } }),
    ...(body === undefined || body.length === 0 ? {} : { body }),
    streaming,
  };
}

/** 1.0 carries a request whole, in one message. @throws FairleadError needs_streams */
export function encodeWithinLimits(message: OutgoingMessage): Buffer {
  const bodyBytes = message.type === "request" ? (message.body?.length ?? 0) : 0;
  const text = bodyBytes > MAX_BODY_BYTES ? undefined : Buffer.from(encodeMessage(message));
  if (text !== undefined && text.length <= MAX_MESSAGE_BYTES) return text;
  throw new FairleadError(
    "needs_streams",
    `The request's body has ${bodyBytes} bytes; without the capability streams/1 an agent takes at most ${MAX_BODY_BYTES}.`,
  );
}

/** A call in an error message: a query may hold what is nobody's business. */
export function describeCall({ method, path }: EngineCall): string {
  return `${method} ${path.split("?", 1)[0]}`;
}
