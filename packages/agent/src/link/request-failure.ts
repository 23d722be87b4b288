import {
  encodeUtf8,
  isFairleadError,
  newErrorMessage,
  newResponseMessage,
  type OutgoingMessage,
} from "@fairlead/protocol";

/** An answer as the engine itself would word it, so that every Docker client shows it. */
export function dockerStyleResponse(requestId: string, status: number, message: string): OutgoingMessage {
  const body = encodeUtf8(`${JSON.stringify({ message })}\n`);
  return newResponseMessage(requestId, status, { "Content-Type": "application/json" }, body);
}

/**
 * What the hub is told of a request that failed: a `response` with the status that fits where the agent knows one
 * (503 engine down, 504 no answer, 502 answer too large, 400 not HTTP), else `error` with the reference's codes.
 */
export function failureMessage(requestId: string, error: unknown): OutgoingMessage {
  if (!isFairleadError(error) || error.code === "engine_error") {
    const isBody = isFairleadError(error) && error.details?.["stage"] === "body";
    const text = error instanceof Error ? error.message : String(error);
    return newErrorMessage(requestId, text, isBody ? "READ_ERROR" : "DOCKER_ERROR");
  }
  return dockerStyleResponse(requestId, error.status, error.message);
}
