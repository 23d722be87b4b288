import { type ErrorCode, type ErrorMessage, FairleadError, isErrorCode, type WireErrorCode } from "@fairlead/protocol";

/** An agent's text goes into our answers and logs: long enough for any engine's message. */
const MAX_ERROR_TEXT = 4096;

/** Codes of deployed 1.0 agents. */
const WIRE_CODES: Record<WireErrorCode, ErrorCode> = {
  DOCKER_ERROR: "engine_unreachable",
  READ_ERROR: "engine_error",
  PARSE_ERROR: "agent_error",
  COMPOSE_ERROR: "compose_failed",
  EXEC_CREATE_ERROR: "exec_create_failed",
  EXEC_START_ERROR: "exec_start_failed",
};

/** Codes of our own that an agent may answer a request with; others would say something about the caller or the hub. */
const AGENT_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "agent_error",
  "engine_unreachable",
  "engine_timeout",
  "engine_error",
  "response_too_large",
  "payload_too_large",
  "too_many_requests",
  "exec_create_failed",
  "exec_start_failed",
  "compose_invalid",
  "compose_failed",
  "needs_streams",
  "not_found",
  "bad_request",
  "shutting_down",
  "slow_reader",
  "policy_refused",
]);

/** What an agent's `error` about one request, stream or exec means to the caller: by its code, its text passed on. */
export function agentError({ code = "", error }: Pick<ErrorMessage, "code" | "error">): FairleadError {
  const text = error.slice(0, MAX_ERROR_TEXT).trim();
  return new FairleadError(
    codeOf(code),
    text === "" ? `The agent reported ${code || "an error without a text"}.` : text,
  );
}

function codeOf(code: string): ErrorCode {
  if (Object.hasOwn(WIRE_CODES, code)) return WIRE_CODES[code as WireErrorCode];
  return isErrorCode(code) && AGENT_CODES.has(code) ? code : "agent_error";
}
