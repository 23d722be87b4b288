import {
  HELLO_TIMEOUT_MS,
  HUB_PING_INTERVAL_MS,
  LINK_SILENCE_TIMEOUT_MS,
  MAX_HELLO_BYTES,
  PROBE_TIMEOUT_MS,
} from "@fairlead/protocol";

/** The link's limits, each with the reason for its value. Tests shorten the times. */
export const LINK_LIMITS = {
  /** A new connection says hello within this, milliseconds. */
  helloTimeoutMs: HELLO_TIMEOUT_MS,
  /** Bytes on the raw socket before the hello is complete: its frame's head is little beside it. */
  maxHelloBytes: MAX_HELLO_BYTES,
  /** Connections that are not agents yet: ten thousand agents come back within a second after a restart. */
  maxNewDials: 16_384,
  /** Of these from one address: three quarters, since all agents may come through one proxy or NAT. */
  maxNewDialsPerAddress: 12_288,
  /** What they may make the hub hold altogether; beyond it every hello that is larger than `plainHelloBytes` is refused. */
  maxNewDialBytes: 64 * 1024 * 1024,
  /** Agents' hellos have about 500 bytes, with the longest names 2 KiB. */
  plainHelloBytes: 4 * 1024,
  /** Failed dials from one address before it has to wait: a rack of agents with an old token gets its answers. */
  failedDialBurst: 20,
  /** One more failed dial is allowed each so often: an agent that retries at its slowest (60 s) is never held up. */
  failedDialRefillMs: 3_000,
  /** Addresses whose failures are remembered, about 100 bytes each; the one quiet for longest goes first. */
  maxFailedAddresses: 10_000,
  /** A hub that is full says to come back after this, seconds. */
  busyRetryAfterSeconds: 5,
  /** Pause between two pings of the hub. */
  pingIntervalMs: HUB_PING_INTERVAL_MS,
  /** A link is down after this long without a message. */
  silenceTimeoutMs: LINK_SILENCE_TIMEOUT_MS,
  /** An old connection has this long to show that it lives before a newcomer takes its place. */
  probeTimeoutMs: PROBE_TIMEOUT_MS,
  /** Newcomers that wait for one probe: more than this with one token are no accident. */
  maxContenders: 8,
  /**
   * A stream's bytes waiting in the hub before it stops reading from the agent, and when it goes on. 1.0 has no flow
   * control per stream, so all of the agent's streams wait together: high enough to ride out a reader's hiccup.
   */
  streamHighWaterBytes: 1024 * 1024,
  streamLowWaterBytes: 256 * 1024,
  /** All streams of one agent share this: with more than 64 open, each one's high-water mark shrinks (never below 64 KiB). */
  sessionHighWaterBytes: 64 * 1024 * 1024,
  /** A reader that holds up its agent must take `slowReaderBytes` in this time or is cut. */
  slowReaderMs: 5_000,
  /** 13 KB/s over `slowReaderMs`: slower than that, one reader would freeze a whole host for everyone else. */
  slowReaderBytes: 64 * 1024,
  /** Logs, events and waits may have nothing to send, and deployed agents then say nothing: 200 is assumed after this. */
  silentHeadMs: 1_500,
  /** With more than this waiting in the socket for an agent to read, who types or pastes into a terminal is asked to wait. */
  pacedBacklogBytes: 1024 * 1024,
  /** With more than this, new requests are refused: two of the largest size (24 MiB in base64). */
  maxRequestBacklogBytes: 48 * 1024 * 1024,
  /** With more than this the connection is given up: requests leave room for pings, cancels and keystrokes, which are small. */
  maxSendBacklogBytes: 64 * 1024 * 1024,
  /** Answers to what an agent does wrong (errors, cancels of unknown streams), per second: more would echo a flood. */
  complaintsPerSecond: 20,
  /** A closing handshake may take this long before the socket is dropped. */
  closeTimeoutMs: 2_000,
} as const satisfies Record<string, number>;

export type LinkLimits = { readonly [Name in keyof typeof LINK_LIMITS]: number };
