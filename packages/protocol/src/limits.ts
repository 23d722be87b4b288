/**
 * Every limit and time of the wire, each with the reason for its value.
 * Sizes are in bytes, times in milliseconds.
 */

/** Version of the JSON protocol, as `hello.protocol` carries it. */
export const PROTOCOL_VERSION = "1.0";

/**
 * Largest body of a `request` or `response`: 1.0 carries bodies whole, so both ends hold them in memory,
 * several at a time. 16 MiB covers every JSON answer of a large engine; bulk data goes by stream.
 */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Largest WebSocket message: a body at its limit in base64 (4/3), with room for headers and escapes. */
export const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** Largest first message of an agent nobody knows yet: a hello is under 2 KiB; what is larger is not one. */
export const MAX_HELLO_BYTES = 64 * 1024;

/** Bytes of engine output in one `stream` or `exec_output` message: large enough to be cheap, small enough to share the socket. */
export const STREAM_CHUNK_BYTES = 64 * 1024;

/** A terminal's keystrokes and pastes in one `exec_input`: what is longer is split by the sender. */
export const MAX_EXEC_INPUT_BYTES = 1024 * 1024;

/** Terminal size that engines accept (an unsigned 16-bit number in the kernel's winsize). */
export const MAX_TERMINAL_CELLS = 65_535;

/** Identifiers that a peer chooses are keys of our maps: a UUID is 36 characters, a generous peer gets 256. */
export const MAX_ID_LENGTH = 256;

/** Names, versions and host names in a hello: longer ones are cut, not refused. */
export const MAX_NAME_LENGTH = 256;

/** Capabilities listed in a hello: 1.0 knows four; more than this is not a capability list. */
export const MAX_CAPABILITIES = 64;

/** A request's path with its query: engines and proxies stop at 8 KiB to 64 KiB; filters with many ids are long. */
export const MAX_PATH_BYTES = 64 * 1024;

/** All headers of a request or response: `X-Registry-Config` with a dozen logins is about 40 kB. */
export const MAX_HEADER_BYTES = 256 * 1024;

/** Requests in flight on one connection, streams included: compose on a large project keeps about 100. */
export const MAX_REQUESTS_IN_FLIGHT = 1024;

/** Exec sessions on one connection: each is a process on the host. */
export const MAX_EXEC_SESSIONS = 256;

/** The hub waits this long for a hello: deployed agents send it at once, a slow mobile link needs seconds. */
export const HELLO_TIMEOUT_MS = 10_000;

/** The agent waits this long for the answer to its hello (`WELCOME_TIMEOUT`). */
export const WELCOME_TIMEOUT_MS = 30_000;

/** The hub pings each link this often. */
export const HUB_PING_INTERVAL_MS = 10_000;

/** The hub calls a link down after this long without any message. */
export const LINK_SILENCE_TIMEOUT_MS = 30_000;

/** The agent pings this often (`HEARTBEAT_INTERVAL`), and gives a link up after max(60 s, twice this) without a message. */
export const AGENT_HEARTBEAT_MS = 30_000;

/** The agent never gives a link up sooner than this: deployed hubs are quiet for up to 30 s. */
export const AGENT_MIN_SILENCE_MS = 60_000;

/** A probed connection that does not answer within this is dead and gives way to a newcomer. */
export const PROBE_TIMEOUT_MS = 5_000;

/** A request's answer is awaited this long (`REQUEST_TIMEOUT`). */
export const REQUEST_TIMEOUT_MS = 30_000;

/** Malformed messages in a row before a connection is closed: one may be a bug in a field, a hundred are not a peer. */
export const MAX_BAD_MESSAGES = 100;

// The streams extension.

/** Capability of both ends that speak it, in `hello` and in the answer to it, `welcome`. */
export const CapabilityStreams = "streams/1";

/** Payload of OPEN, HEAD and RESET: all headers of a request, see MAX_HEADER_BYTES. */
export const MAX_FRAME_HEAD_BYTES = 256 * 1024;

/** Largest payload of a DATA frame that is taken: more would hold the connection for too long. */
export const MAX_DATA_FRAME_BYTES = 1024 * 1024;

/** DATA in one frame as we send it: cheap enough a byte, and 0.5 ms of a 1 Gbit/s path, so that turns are short. */
export const DATA_FRAME_BYTES = 64 * 1024;

/** Streams open on one connection: see MAX_REQUESTS_IN_FLIGHT. The next OPEN is RESET with `too_many_streams`. */
export const MAX_OPEN_STREAMS = 1024;

/** What a sender may send on a new stream before it is granted more: a local path is never idle with it, and 1,024 streams stay affordable. */
export const INITIAL_WINDOW_BYTES = 256 * 1024;

/** A path with a shorter round trip than this, in milliseconds, is short. */
export const LONG_PATH_MS = 2;

/**
 * On a short path a window grows up to this when its sender has to wait: 256 MB/s over a path of 2 ms. Senders there wait for busy cores, too,
 * and larger windows would only be bytes that stand before everything else that the connection carries.
 */
export const MAX_SHORT_PATH_WINDOW_BYTES = 512 * 1024;

/** The same for a stream that is alone on its connection, where there is nothing else to stand before: the two ends take turns less often. */
export const MAX_LONE_STREAM_WINDOW_BYTES = 2 * 1024 * 1024;

/** A stream is alone, in milliseconds, when no other one was open for so long: small requests come one after another. */
export const LONE_AFTER_MS = 1_000;

/** On a long path a window grows up to this when its sender has to wait: 80 MB/s over a path of 100 ms. */
export const MAX_WINDOW_BYTES = 8 * 1024 * 1024;

/**
 * All windows of one connection's receiving side share this: with more than 256 streams open each one's falls below
 * INITIAL_WINDOW_BYTES. With the first windows it bounds what slow readers can make an end hold for its peer.
 */
export const MAX_CONNECTION_WINDOW_BYTES = 64 * 1024 * 1024;

/** No window falls below this, however many streams there are: a frame each round trip. */
export const MIN_WINDOW_BYTES = 64 * 1024;

/**
 * DATA waits for its turn while this much is still to be written to the network, whoever sent it: a keystroke or a JSON message
 * never queues behind more.
 */
export const MAX_DATA_BACKLOG_BYTES = 128 * 1024;

/** Text of a RESET: an engine's message and ours around it. */
export const MAX_RESET_TEXT_LENGTH = 2048;
