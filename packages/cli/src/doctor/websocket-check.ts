import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { WebSocket } from "ws";
import { LayerProblem } from "./finding.ts";
import { withTimeout } from "./route.ts";

/** Opens a WebSocket on a connection that is there already. @throws LayerProblem when something else comes back. */
export async function openWebSocket(url: URL, connection: Socket): Promise<WebSocket> {
  const socket = new WebSocket(url, { createConnection: () => connection, perMessageDeflate: false });
  const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
  socket.once("open", () => resolve(socket));
  socket.on("error", (error) => reject(new LayerProblem(`no WebSocket: ${error.message}`, PROXY_ADVICE)));
  socket.once("unexpected-response", (_request, response: IncomingMessage) => {
    reject(new LayerProblem(`HTTP ${response.statusCode} came instead of a WebSocket`, PROXY_ADVICE));
    socket.terminate();
  });
  return withTimeout(promise, "no answer to the WebSocket upgrade");
}

const PROXY_ADVICE =
  "is this the hub's address? A reverse proxy before it must pass 'Upgrade' and 'Connection' on (nginx: proxy_http_version 1.1)";
