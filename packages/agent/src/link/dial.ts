import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { FairleadError, MAX_MESSAGE_BYTES } from "@fairlead/protocol";
import { WebSocket } from "ws";
import type { AgentConfig } from "../config.ts";
import { hubWay, type HubWayConfig } from "./hub-way.ts";
import { RefusedByHub } from "./refused-by-hub.ts";

/** What dialling needs of the configuration. */
export type DialConfig = HubWayConfig & Pick<AgentConfig, "welcomeTimeoutMs">;

/**
 * Opens a WebSocket to the hub, through a proxy where the configuration says so.
 *
 * @param userAgent For the hub's and proxies' logs.
 * @param opened Called as soon as the socket is open and before anything is read from it, so that no message is missed; gets the connection
 * below it, too.
 * @throws RefusedByHub when an HTTP answer came instead; FairleadError `agent_disconnected` when no connection can be made, `hub_not_trusted` when
 * it is not the hub that was joined, or `cancelled`
 */
export async function dial<T>(
  config: DialConfig,
  userAgent: string,
  signal: AbortSignal,
  opened: (socket: WebSocket, raw: Duplex) => T,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const way = await hubWay(config, reject);
  if (signal.aborted) throw stopping();
  const socket = new WebSocket(config.serverUrl, {
    ...way.options,
    headers: { "user-agent": userAgent },
    // Compressing base64 of what is often compressed already costs more than it saves.
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handshakeTimeout: config.welcomeTimeoutMs,
    followRedirects: false,
    finishRequest: (request) => {
      way.watch(request);
      request.end();
    },
  });
  const cancel = (): void => reject(stopping());
  signal.addEventListener("abort", cancel, { once: true });
  socket.once("upgrade", ({ socket: raw }) => socket.once("open", () => resolve(opened(socket, raw))));
  socket.once("unexpected-response", (_request, response) => void refusal(response).then(reject));
  socket.on("error", (error) => reject(way.failure(error)));
  try {
    return await promise;
  } catch (error) {
    socket.terminate();
    throw error;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

function stopping(): FairleadError {
  return new FairleadError("cancelled", "the agent is stopping");
}

/** Bytes of an HTTP error page worth showing. */
const MAX_REFUSAL_BYTES = 1024;

async function refusal(response: IncomingMessage): Promise<RefusedByHub> {
  const status = response.statusCode ?? 0;
  let text = "";
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      text += piece.toString("latin1");
      if (text.length > MAX_REFUSAL_BYTES) break;
    }
  } catch {
    // The status says enough.
  }
  const location = response.headers.location;
  const more = location === undefined ? text.slice(0, MAX_REFUSAL_BYTES).trim() : `it redirects to ${location}`;
  const retryAfter = Number(response.headers["retry-after"]);
  return new RefusedByHub(
    `the hub's address answered HTTP ${status} to the WebSocket upgrade${more ? `: ${more}` : ""}`,
    {
      tokenRefused: status === 401 || status === 403,
      ...(Number.isFinite(retryAfter) ? { retryAfterMs: retryAfter * 1000 } : {}),
    },
  );
}
