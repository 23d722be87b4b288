import { WebSocket } from "ws";

/** Proxies drop connections that are quiet for a minute. A browser that misses one ping is gone. */
const PING_INTERVAL_MS = 25_000;

/** Pings a browser's WebSocket until it closes, and drops one that does not answer. */
export function keepSocketAlive(socket: WebSocket): void {
  let isAlive = true;
  const pings = setInterval(() => {
    // While its input is held back, pongs are too.
    if (!isAlive && !socket.isPaused) socket.terminate();
    isAlive = false;
    if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, PING_INTERVAL_MS);
  socket.on("pong", () => (isAlive = true));
  socket.once("close", () => clearInterval(pings));
}
