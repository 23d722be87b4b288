import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
  setMaxIdleHTTPParsers,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { FairleadError, MAX_HEADER_BYTES } from "@fairlead/protocol";
import { HubIncomingMessage } from "../docker-endpoint/hub-incoming-message.ts";
import { joinWrites } from "./join-writes.ts";

/** PEM texts. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** A head comes in one piece, and so does a TLS handshake; a peer that dribbles it in holds a socket for this long at most. */
const HEADERS_TIMEOUT_MS = 30_000;

/** Longer than the idle time of the usual proxies (60 s), so that it is they who close, never both at once. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;

/** After a restart thousands of agents dial within a second; the kernel cuts this to its own limit. */
const LISTEN_BACKLOG = 4096;

const IDLE_CHECK_MS = 50;

/** Streams and agents that do not end when asked are cut off after this. */
const STOP_GRACE_MS = 2_000;

/** Parsers kept for the next connections, of 10 KB each. Node keeps 1,000, and a fleet that dials at once leaves as many behind. */
const MAX_IDLE_PARSERS = 64;

const SERVER_OPTIONS: ServerOptions = {
  maxHeaderSize: MAX_HEADER_BYTES,
  headersTimeout: HEADERS_TIMEOUT_MS,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  // Uploads to an engine and streams take as long as they take.
  requestTimeout: 0,
  // HTTP/1.1 wants it; the Docker CLI sends an empty one for BuildKit's upgrades, and none at times.
  requireHostHeader: false,
  IncomingMessage: HubIncomingMessage,
};

/** All connections of a server: Node's own list has none that are in their TLS handshake, or left HTTP for an upgrade. */
const connectionsOf = new WeakMap<Server, Set<Socket>>();

/** Takes what comes as Node gives it. */
export interface ServerHandlers {
  /** `expectsContinue`: the caller waits for a `100 Continue` before it sends the body. */
  request(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void;
  upgrade?(this: void, request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/**
 * A server with settings that carry streams. TLS 1.2 or later when a certificate is given.
 *
 * @throws FairleadError config_invalid when the certificate cannot be used.
 */
export function createNodeServer(tls: TlsFiles | undefined, handlers: ServerHandlers): Server {
  setMaxIdleHTTPParsers(MAX_IDLE_PARSERS);
  const server = tls ? createSecureServer(tls) : createServer(SERVER_OPTIONS);
  server.on("request", (request, response) => handlers.request(request, response, false));
  server.on("checkContinue", (request, response) => handlers.request(request, response, true));
  if (handlers.upgrade) server.on("upgrade", handlers.upgrade);
  const connections = new Set<Socket>();
  connectionsOf.set(server, connections);
  server.on("connection", (connection: Socket) => {
    connections.add(connection);
    connection.once("close", () => connections.delete(connection));
  });
  return server;
}

function createSecureServer(tls: TlsFiles): Server {
  try {
    // Half-open, as plain HTTP servers are: `docker run -i < file` ends its input and waits for the output.
    // A peer that leaves in its handshake is half-open too, and is noticed by the time-out only.
    const options = { minVersion: "TLSv1.2", allowHalfOpen: true, handshakeTimeout: HEADERS_TIMEOUT_MS } as const;
    return createTlsServer({ ...SERVER_OPTIONS, ...tls, ...options }).on("secureConnection", joinWrites);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new FairleadError(
      "config_invalid",
      `The TLS certificate or its key cannot be used (${problem}). Both must be PEM, and the key that of the certificate.`,
      { cause: error },
    );
  }
}

/** @throws the system's error, such as EADDRINUSE. */
export async function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ host, port, backlog: LISTEN_BACKLOG }, resolve);
  await promise.finally(() => server.off("error", reject));
  return server.address() as AddressInfo;
}

/** Takes no more connections. The promise is kept when all are closed: by themselves, or cut off after a while. */
export function closeServer(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  // Connections that are kept alive after an answer stay open unless they are closed.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
  const grace = setTimeout(() => {
    for (const connection of connectionsOf.get(server) ?? []) connection.destroy();
  }, STOP_GRACE_MS);
  server.closeIdleConnections();
  return promise.finally(() => {
    clearInterval(idle);
    clearTimeout(grace);
  });
}
