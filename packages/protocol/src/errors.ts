/** Who has to change something for the error to go away. */
export type Fault = "caller" | "peer" | "agent" | "engine" | "hub" | "network";

/** What a code means to each kind of door: HTTP status, WebSocket close code, and whether trying again can help. */
export interface ErrorRow {
  /** HTTP status of an answer that carries this code. */
  readonly status: number;
  /** WebSocket close code when this ends a connection (RFC 6455 section 7.4.1). */
  readonly close: number;
  /** True when the same call may succeed later without a change by the caller. */
  readonly retryable: boolean;
  readonly fault: Fault;
  /** One sentence for `docs/errors.md`. */
  readonly meaning: string;
}

const row = (status: number, close: number, retryable: boolean, fault: Fault, meaning: string): ErrorRow => ({
  status,
  close,
  retryable,
  fault,
  meaning,
});

/**
 * Every error of Fairlead. Codes are stable: programs match them, people read the message.
 * `docs/errors.md` lists the same rows; a test compares the two both ways.
 */
export const ERRORS = {
  // The caller's input
  bad_request: row(400, 1008, false, "caller", "A field is missing or has a wrong value; the message names it."),
  unauthenticated: row(
    401,
    1008,
    false,
    "caller",
    "Nobody is known to have sent this: no API token and no session, or one that is unknown, expired or revoked.",
  ),
  forbidden: row(403, 1008, false, "caller", "The caller is known but may not do this, or a one-time link has ended."),
  address_forbidden: row(
    403,
    1008,
    false,
    "caller",
    "The hub does not dial this address: its networks (FAIRLEAD_DIAL_ALLOW, FAIRLEAD_DIAL_DENY) rule it out.",
  ),
  not_found: row(404, 1008, false, "caller", "No such route, environment, container or other thing."),
  method_not_allowed: row(405, 1008, false, "caller", "The route exists, but not with this method."),
  conflict: row(409, 1008, false, "caller", "The name is taken, or the thing is in a state that does not allow this."),
  payload_too_large: row(413, 1009, false, "caller", "The body is over the limit that the message names."),
  unsupported_media_type: row(415, 1008, false, "caller", "The body's content type is not one that the route takes."),
  rate_limited: row(
    429,
    1013,
    true,
    "caller",
    "Too many failed attempts from this address; try again after the time given.",
  ),
  config_invalid: row(
    500,
    1011,
    false,
    "caller",
    "A setting has a value that is not allowed; the message names variable, value and what is allowed.",
  ),

  // What a peer puts on the wire
  malformed_json: row(400, 1007, false, "peer", "A message is not one JSON object."),
  missing_type: row(400, 1008, false, "peer", "A message has no string `type`."),
  unknown_type: row(
    400,
    1008,
    false,
    "peer",
    "A message's `type` is not one of protocol 1.0; it is ignored and counted.",
  ),
  invalid_message: row(
    400,
    1008,
    false,
    "peer",
    "A message of a known type has a missing or wrong field; the message names it.",
  ),
  bad_base64: row(400, 1007, false, "peer", "A field that must be padded standard base64 is not."),
  message_too_big: row(
    413,
    1009,
    false,
    "peer",
    "A message, or a first message before authentication, is over its limit.",
  ),
  unexpected_message: row(400, 1008, false, "peer", "A message came out of order, or from the wrong side."),
  unexpected_binary: row(400, 1003, false, "peer", "A binary message came without a negotiated extension."),
  bad_frame: row(
    400,
    1002,
    false,
    "peer",
    "A binary message is no frame of the streams extension, or comes where it may not.",
  ),
  stream_overrun: row(
    502,
    1002,
    false,
    "peer",
    "More bytes came on a stream than its window allows; the stream was reset.",
  ),
  too_many_streams: row(
    503,
    1013,
    true,
    "caller",
    "More streams are open on this connection than its limit; try again when some have ended.",
  ),
  too_many_bad_messages: row(400, 1008, false, "peer", "The peer sent only malformed messages for too long."),
  unknown_request: row(400, 1008, false, "peer", "A message names a request, stream or exec that is not open."),
  duplicate_request: row(409, 1008, false, "peer", "A request or exec uses an id that is still open."),
  too_many_requests: row(
    503,
    1013,
    true,
    "peer",
    "More requests, streams or execs are open on this connection than its limit.",
  ),
  hello_timeout: row(408, 1008, true, "peer", "A new connection did not introduce itself in time."),
  welcome_timeout: row(504, 1008, true, "hub", "The hub did not answer the agent's hello in time."),

  // Joining
  token_invalid: row(401, 1008, false, "agent", "The agent's token is not known to the hub."),
  token_revoked: row(401, 1008, false, "agent", "The agent's token was revoked or replaced."),
  join_key_invalid: row(401, 1008, false, "agent", "The join key is not known to the hub, or was revoked."),
  join_key_used: row(401, 1008, false, "agent", "An agent joined with this join key already; it works once."),
  join_key_expired: row(401, 1008, false, "agent", "The join key's time is over."),
  hub_not_trusted: row(
    502,
    1011,
    false,
    "hub",
    "What answers at the hub's address has another key than the one that the agent was told, or has pinned.",
  ),
  identity_conflict: row(
    409,
    1008,
    true,
    "agent",
    "Another machine is connected with this token; the message names both.",
  ),
  protocol_unsupported: row(400, 1002, false, "agent", "The agent speaks a protocol version that the hub does not."),
  replaced: row(409, 1000, false, "agent", "The same agent connected again; its older connection was closed."),

  policy_refused: row(
    403,
    1008,
    false,
    "agent",
    "The policy of the agent's host does not allow this; the message names policy and rule.",
  ),

  // Getting through to an engine
  agent_disconnected: row(
    502,
    1001,
    true,
    "agent",
    "The environment's agent is not connected, or went away during the request.",
  ),
  agent_timeout: row(504, 1001, true, "agent", "The agent did not answer in time."),
  agent_error: row(502, 1011, true, "agent", "The agent answered with an error that has no better code."),
  engine_unreachable: row(503, 1011, true, "engine", "The Docker Engine does not answer on its socket or address."),
  engine_timeout: row(504, 1011, true, "engine", "The Docker Engine did not answer in time."),
  engine_error: row(502, 1011, true, "engine", "The Docker Engine's answer broke off or was not HTTP."),
  needs_streams: row(
    501,
    1011,
    false,
    "agent",
    "The agent speaks protocol 1.0 only, which cannot carry this; the message names the capability it lacks.",
  ),
  slow_reader: row(
    503,
    1011,
    true,
    "caller",
    "The reader of a stream took nothing for too long while its buffer was full.",
  ),
  overloaded: row(
    503,
    1013,
    true,
    "hub",
    "The hub holds as many request bodies for agents as it may; try again when some are through.",
  ),
  response_too_large: row(502, 1009, false, "engine", "An answer that protocol 1.0 carries whole is over its limit."),
  cancelled: row(499, 1000, true, "caller", "The caller went away before the answer."),

  // Exec and compose
  exec_create_failed: row(502, 1011, false, "engine", "The engine refused to create the exec."),
  exec_start_failed: row(502, 1011, false, "engine", "The engine created the exec but did not start it."),
  compose_invalid: row(
    400,
    1008,
    false,
    "caller",
    "A compose operation has a missing, wrong or forbidden field; the message names it.",
  ),
  compose_failed: row(500, 1011, false, "engine", "`docker compose` ended with an exit code other than 0."),

  hub_unreachable: row(
    503,
    1011,
    true,
    "network",
    "The hub does not answer at its address, or what answers there is not a hub.",
  ),
  events_lost: row(
    503,
    1011,
    false,
    "agent",
    "An agent could not keep all container events while the hub was away; the history shows a gap.",
  ),

  // Storage and life of the hub
  database_corrupt: row(
    500,
    1011,
    false,
    "hub",
    "The database file is damaged; the hub does not start and does not touch it.",
  ),
  database_newer: row(
    500,
    1011,
    false,
    "hub",
    "The database was written by a newer version; the hub does not start and does not touch it.",
  ),
  database_locked: row(503, 1011, true, "hub", "Another hub uses this data folder."),
  shutting_down: row(503, 1001, true, "hub", "The hub or agent is stopping."),
  internal: row(500, 1011, true, "hub", "A defect: the log has the details under the request id."),
} as const satisfies Record<string, ErrorRow>;

/** A stable error code. */
export type ErrorCode = keyof typeof ERRORS;

/** Body of every error answer of the REST API and of problem messages on WebSockets that are ours. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  details?: Record<string, unknown>;
}

/**
 * The one error class. Match `code`, never the text.
 * The message says what failed, with which value, and what to do; it never holds a secret.
 */
export class FairleadError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, message: string, options: { details?: Record<string, unknown>; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "FairleadError";
    this.code = code;
    this.details = options.details;
  }

  /** HTTP status for this error, from the table. */
  get status(): number {
    return ERRORS[this.code].status;
  }

  /** WebSocket close code for this error, from the table. */
  get close(): number {
    return ERRORS[this.code].close;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }

  /** The REST API's error body: `{code, message, details?}`. */
  toBody(): ErrorBody {
    return { code: this.code, message: this.message, ...(this.details === undefined ? {} : { details: this.details }) };
  }
}

/** True for a `FairleadError`, with the given code if one is named. */
export function isFairleadError(error: unknown, code?: ErrorCode): error is FairleadError {
  return error instanceof FairleadError && (code === undefined || error.code === code);
}

/** Any thrown value as a `FairleadError`: ours as they are, others as `fallback` with their message kept as cause. */
export function toFairleadError(error: unknown, fallback: ErrorCode = "internal"): FairleadError {
  if (error instanceof FairleadError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new FairleadError(fallback, message, { cause: error });
}

/** True when `code` is a row of the table (codes that come over a wire are plain strings). */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
