import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Health } from "./health.ts";

/** A listener that tells the agent's health and nothing else. */
export interface HealthListener {
  readonly address: { host: string; port: number };
  stop(): Promise<void>;
}

/** Whoever asks for the health needs a few headers; nobody has to be waited for long. */
const HEALTH_LIMITS = { maxHeaderSize: 16 * 1024, headersTimeout: 5_000, requestTimeout: 5_000 };

/** Connections at once: a health check uses one. */
const MAX_HEALTH_CONNECTIONS = 64;

/**
 * Serves `GET /_hawser/health` for edge mode; everything else is 404.
 *
 * @param port 0: the system chooses one
 * @throws the system's error when the address cannot be listened on (`EADDRINUSE`, `EACCES`)
 */
export async function startHealthListener(host: string, port: number, health: Health): Promise<HealthListener> {
  const server = createServer(HEALTH_LIMITS, (request, response) => {
    const isHealth = request.url?.split("?")[0] === "/_hawser/health";
    if (isHealth) void answerHealth(health, response);
    else sendJson(response, 404, { message: "page not found" });
  });
  server.maxConnections = MAX_HEALTH_CONNECTIONS;
  server.listen(port, host);
  await once(server, "listening");
  const { address, port: actual } = server.address() as AddressInfo;
  return { address: { host: address, port: actual }, stop: () => closed(server) };
}

/** The answer to `/_hawser/health`. */
export async function answerHealth(health: Health, response: ServerResponse): Promise<void> {
  const { status, body } = await health.read();
  sendJson(response, status, body);
}

/** Ends the response, and with it the connection: the next request may be for someone else. */
export function sendJson(response: ServerResponse, status: number, body: object): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
    Connection: "close",
  });
  response.end(text);
}

async function closed(server: Server): Promise<void> {
  const done = once(server, "close");
  server.close();
  server.closeAllConnections();
  await done;
}
