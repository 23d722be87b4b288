import { once } from "node:events";
import { createServer as createNetServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { AgentConfig } from "../config.ts";
import type { EngineClient } from "../engine/engine-client.ts";
import { HostMetricsReader } from "../host/host-metrics.ts";
import type { Log } from "../log.ts";
import type { Policy } from "../policy/policy.ts";
import { carry } from "./carrier.ts";
import { createControlServer } from "./control-server.ts";
import { TokenCheck } from "./token-check.ts";

/** What standard mode needs. */
export interface StandardOptions {
  config: AgentConfig;
  engine: EngineClient;
  log: Log;
  /** The agent's version, for `/_hawser/info`. */
  version: string;
  /** Undefined: whatever clients ask. */
  policy?: Policy | undefined;
}

/** A listening agent. */
export interface RunningStandard {
  readonly address: { host: string; port: number };
  /** `http(s)://ADDRESS:PORT` */
  readonly url: string;
  /** Listens no more, cuts every connection and cancels compose operations. */
  stop(): Promise<void>;
}

/** Clients come in bursts of dozens (compose, builds); the kernel lowers this to its own limit. */
const BACKLOG = 4096;

/** Each connection costs two descriptors and some buffers; a hub with all its users stays in the hundreds. */
const MAX_CONNECTIONS = 4096;

/** A peer that vanished without a word is probed after this silence, in milliseconds; answers may take hours (`/wait`). */
const KEEP_ALIVE_DELAY_MS = 30_000;

/** A handshake takes a few round trips. */
const TLS_HANDSHAKE_TIMEOUT_MS = 15_000;

/**
 * Listens for clients of the Docker API and carries each of their connections to the engine.
 *
 * @throws the system's error when the address cannot be listened on (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`)
 */
export async function startStandard({
  config,
  engine,
  log,
  version,
  policy,
}: StandardOptions): Promise<RunningStandard> {
  const token = new TokenCheck(config.token, log);
  const { agentId, agentName, mode } = config;
  const control = createControlServer({
    token,
    engine,
    facts: {
      agentId,
      agentName,
      hawserVersion: version,
      mode,
      ...(policy === undefined ? {} : { policy: policy.name }),
    },
    metrics: new HostMetricsReader({
      hostProc: config.hostProc,
      dataRoot: async () => (config.engine.kind === "unix" ? engine.dataRoot() : undefined),
      skipDisk: config.skipDfCollection,
    }),
    compose: {
      stacksDir: config.stacksDir,
      timeoutMs: config.composeTimeoutMs,
      engine: config.engine,
      log,
      guarded: policy && { policy, engine },
    },
    log,
  });
  const clients = new Set<Socket>();
  const server = createServer(config, log, (client) => {
    void carry(client, { engine, token, policy, log, control: (socket) => control.emit("connection", socket) });
  });
  // Of TLS, too: below the one that is carried.
  server.on("connection", (socket: Socket) => {
    clients.add(socket);
    socket.once("close", () => clients.delete(socket));
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on("drop", () => log.warn("refused a connection: too many are open", { limit: MAX_CONNECTIONS }));
  server.listen({ host: config.bindAddress, port: config.port, backlog: BACKLOG });
  await once(server, "listening");
  server.on("error", (error) => log.error("accepting connections failed", { error: error.message }));
  const { address: host, port } = server.address() as AddressInfo;
  const scheme = config.tlsCert === undefined ? "http" : "https";
  return {
    address: { host, port },
    url: `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`,
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      for (const client of clients) client.destroy();
      await closed;
    },
  };
}

function createServer(config: AgentConfig, log: Log, onClient: (client: Socket) => void): Server {
  // Half-open: a client that has sent everything may still be reading.
  const options = {
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS,
  };
  const { tlsCert: cert, tlsKey: key } = config;
  if (cert === undefined || key === undefined) return createNetServer(options, onClient);
  const server = createTlsServer(
    {
      ...options,
      cert,
      key,
      minVersion: "TLSv1.2",
      handshakeTimeout: TLS_HANDSHAKE_TIMEOUT_MS,
      ALPNProtocols: ["http/1.1"],
    },
    onClient,
  );
  server.on("tlsClientError", (error, socket) => {
    log.debug("a TLS handshake failed", { from: socket.remoteAddress, error: error.message });
  });
  return server;
}
