import { once } from "node:events";
import * as net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import * as tls from "node:tls";
import { FairleadError } from "@fairlead/protocol";

/** A connection that neither side's proxies take for dead: a NAT forgets one after minutes, `docker wait` takes hours. */
const KEEP_ALIVE_MS = 30_000;

/**
 * A call waits this long for a hub that is not there: a restart takes 2 to 5 s, with the grace for what the old process still
 * carries. Longer than this, and people take a command for hung rather than for waiting.
 */
export const HUB_WAIT_MS = 10_000;

/** A try costs a packet or two, and this much at most is added to the time that the hub itself takes. */
export const RETRY_PAUSE_MS = 200;

/** Failures that end by themselves when a hub, or the network before it, comes back. A certificate that is wrong stays wrong. */
const PASSING_FAILURES: ReadonlySet<string | undefined> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  // The name was known when the command began: it is that of a container, or the resolver, that restarts.
  "ENOTFOUND",
  "EAI_AGAIN",
]);

/** How long, and for whom, a connection is tried. */
export interface HubWait {
  /** Ends the try that is under way. */
  readonly signal: AbortSignal;
  /** Asked before every further try: nobody may be there any more who wants the connection. */
  readonly isWanted: () => boolean;
  /** When the wait began, by `performance.now()`. */
  readonly since: number;
}

/**
 * Opens a connection to the hub: TCP, or TLS for an https URL. A hub that is not there is tried again until `HUB_WAIT_MS` are over.
 *
 * Nothing is written before the connection is there, so a hub has seen nothing of what failed.
 * @throws FairleadError hub_unreachable: what failed and for how long is in the message.
 */
export async function dialHub(hub: URL, { signal, isWanted, since }: HubWait): Promise<net.Socket> {
  const endsAt = since + HUB_WAIT_MS;
  const timeout = AbortSignal.timeout(Math.max(0, Math.ceil(endsAt - performance.now())));
  const either = AbortSignal.any([signal, timeout]);
  let failure = "no answer to the attempt to connect";
  do {
    try {
      return await open(hub, either);
    } catch (error) {
      if (!either.aborted) {
        failure = explain(error as Error);
        if (!PASSING_FAILURES.has((error as NodeJS.ErrnoException).code)) {
          throw unreachable(`Cannot connect to the hub at ${hub.origin}: ${failure}.`, error);
        }
      }
    }
    await sleep(RETRY_PAUSE_MS, undefined, { signal: either }).catch(() => {});
  } while (!either.aborted && isWanted());
  const waited = Math.round((performance.now() - since) / 1000);
  const advice =
    "Nothing of the request was carried out: start the hub, or let 'fairlead doctor' find what is in the way.";
  throw unreachable(`Cannot reach the hub at ${hub.origin}: waited ${waited} s, last: ${failure}. ${advice}`);
}

/** Waits for a hub that is not there, like a call of its Docker endpoint. @throws FairleadError hub_unreachable. */
export async function waitForHub(hub: URL): Promise<void> {
  const { signal } = new AbortController();
  const connection = await dialHub(hub, { signal, isWanted: () => true, since: performance.now() });
  connection.destroy();
}

async function open(hub: URL, signal: AbortSignal): Promise<net.Socket> {
  const isTls = hub.protocol === "https:";
  const host = hub.hostname.replace(/^\[|\]$/g, "");
  const port = hub.port === "" ? (isTls ? 443 : 80) : Number(hub.port);
  // The Docker API uses half-close: output goes on after stdin has ended.
  const options = { host, port, allowHalfOpen: true };
  const socket = isTls
    ? tls.connect({ ...options, ALPNProtocols: ["http/1.1"], ...(net.isIP(host) === 0 ? { servername: host } : {}) })
    : net.connect(options);
  // A keystroke must not wait for the acknowledgement of the one before.
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  try {
    await once(socket, isTls ? "secureConnect" : "connect", { signal });
    return socket;
  } catch (error) {
    socket.on("error", () => {}).destroy();
    throw error;
  }
}

/** Addresses of both families that fail give an error whose own message is empty. */
function explain(error: Error): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return (first instanceof Error ? first.message : "") || ((error as NodeJS.ErrnoException).code ?? error.name);
}

function unreachable(message: string, cause?: unknown): FairleadError {
  return new FairleadError("hub_unreachable", message, { cause });
}
