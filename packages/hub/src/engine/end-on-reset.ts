import type { Socket } from "node:net";

const resets = new WeakSet<object>();

/**
 * Makes a reset by the other side an end: Node would throw away what it has read but not yet delivered.
 *
 * An engine that ends a taken-over connection while input waits unread resets it; that is how `yes | docker run -i … head` ends.
 * `wasReset` tells the two kinds of end apart.
 */
export function endOnReset(socket: Socket): void {
  const destroy = socket.destroy.bind(socket);
  socket.destroy = (error?: NodeJS.ErrnoException) => {
    if (error?.code !== "ECONNRESET" || error.syscall !== "read" || resets.has(socket)) return destroy(error);
    resets.add(socket);
    socket.push(null);
    return socket;
  };
}

/** True when the end of this connection was a reset. */
export function wasReset(connection: object): boolean {
  return resets.has(connection);
}
