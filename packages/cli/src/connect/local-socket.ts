import { FairleadError } from "@fairlead/protocol";
import { once } from "node:events";
import { lstat, mkdir, rm } from "node:fs/promises";
import * as net from "node:net";
import { dirname } from "node:path";

/** `docker compose` on a large project opens dozens of connections at once; the kernel caps this at its own limit. */
const LISTEN_BACKLOG = 511;
/** Linux keeps a socket's path in 108 bytes, macOS in 104, each with a zero at the end. */
const MAX_PATH_BYTES = process.platform === "linux" ? 107 : 103;
/** A live socket answers at once; one whose owner hangs is in use all the same. */
const PROBE_TIMEOUT_MS = 2_000;

/** A listening unix socket that only its owner can open. */
export interface LocalSocket {
  readonly path: string;
  /** Closes all connections and removes the socket. */
  close(): Promise<void>;
}

/**
 * Listens on a unix socket (0600; its folder is made 0700). The file of one whose process is gone is replaced.
 * @throws FairleadError conflict when the path is in use, or is not a socket; bad_request when it is too long.
 */
export async function listenLocally(path: string, serve: (connection: net.Socket) => void): Promise<LocalSocket> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    const message = `'${path}' is longer than the ${MAX_PATH_BYTES} bytes that a socket's path can have; use --socket`;
    throw new FairleadError("bad_request", message);
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await removeStale(path);
  const connections = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (connection) => {
    connections.add(connection);
    // One that breaks closes: there is nothing more to know about it.
    connection.on("error", () => {});
    connection.once("close", () => connections.delete(connection));
    serve(connection);
  });
  // The file is made while `listen` runs: it never has other rights, not for a moment.
  const umask = process.umask(0o177);
  try {
    server.listen({ path, backlog: LISTEN_BACKLOG });
  } finally {
    process.umask(umask);
  }
  try {
    await once(server, "listening");
  } catch (error) {
    throw cannotListen(path, error as NodeJS.ErrnoException);
  }
  return {
    path,
    close: async () => {
      server.close();
      for (const connection of connections) connection.destroy();
      if (server.listening) await once(server, "close");
    },
  };
}

async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new FairleadError("conflict", `'${path}' exists and is not a socket; choose another path with --socket`);
  }
  if (await isAlive(path)) {
    const message = `'${path}' is in use, probably by another 'fairlead connect'; end that, or use --socket`;
    throw new FairleadError("conflict", message);
  }
  await rm(path, { force: true });
}

function isAlive(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = net.connect({ path, timeout: PROBE_TIMEOUT_MS });
  socket.once("connect", () => resolve(true));
  socket.once("timeout", () => resolve(true));
  // Full backlog, or another user's: somebody is there.
  socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "ECONNREFUSED" && code !== "ENOENT"));
  return promise.finally(() => socket.destroy());
}

function cannotListen(path: string, error: NodeJS.ErrnoException): FairleadError {
  return new FairleadError("conflict", `Cannot listen on '${path}' (${error.code ?? error.message})`, { cause: error });
}
