import type { Agent, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { FairleadError, MAX_MESSAGE_BYTES } from "@fairlead/protocol";
import { WebSocket } from "ws";
import type { AgentConfig } from "../config.ts";
import { explainDialFailure, explainProxyRefusal } from "./dial-failure.ts";
import { proxyAgent, proxyFor } from "./proxy.ts";
import { RefusedByHub } from "./refused-by-hub.ts";

/** What dialling needs of the configuration. */
export type DialConfig = Pick<AgentConfig, "proxy" | "caCert" | "tlsSkipVerify" | "welcomeTimeoutMs"> & {
  serverUrl: URL;
};

/** How a proxy answered CONNECT: what `https-proxy-agent` tells with its event `proxyConnect`. */
interface ProxyAnswer {
  readonly statusCode: number;
  readonly statusText: string;
}

/**
 * Opens a WebSocket to the hub, through a proxy where the configuration says so.
 *
 * @param userAgent For the hub's and proxies' logs.
 * @param opened Called as soon as the socket is open and before anything is read from it, so that no message is missed; gets the connection
 * below it, too.
 * @throws RefusedByHub when an HTTP answer came instead; FairleadError `agent_disconnected` when no connection can be made, or `cancelled`
 */
export async function dial<T>(
  config: DialConfig,
  userAgent: string,
  signal: AbortSignal,
  opened: (socket: WebSocket, raw: Duplex) => T,
): Promise<T> {
  const tls = {
    ...(config.caCert === undefined ? {} : { ca: config.caCert }),
    rejectUnauthorized: !config.tlsSkipVerify,
  };
  const proxy = proxyFor(config.serverUrl, config.proxy);
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const agent: Agent | undefined = proxy && (await proxyAgent(proxy, tls));
  agent?.on("proxyConnect", ({ statusCode, statusText }: ProxyAnswer) => {
    // The WebSocket would take it for the hub's own answer, and a 403 for a token that is not accepted.
    if (statusCode === 200) return;
    const message = explainProxyRefusal(proxy as URL, config.serverUrl, statusCode, statusText);
    reject(new FairleadError("agent_disconnected", message));
  });
  if (signal.aborted) throw stopping();
  const socket = new WebSocket(config.serverUrl, {
    ...tls,
    ...(agent === undefined ? {} : { agent }),
    headers: { "user-agent": userAgent },
    // Compressing base64 of what is often compressed already costs more than it saves.
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handshakeTimeout: config.welcomeTimeoutMs,
    followRedirects: false,
  });
  const cancel = (): void => reject(stopping());
  signal.addEventListener("abort", cancel, { once: true });
  socket.once("upgrade", ({ socket: raw }) => socket.once("open", () => resolve(opened(socket, raw))));
  socket.once("unexpected-response", (_request, response) => void refusal(response).then(reject));
  socket.on("error", (error) => {
    const way = proxy ? ` through the proxy ${proxy.host}` : "";
    const url = `${config.serverUrl.origin}${config.serverUrl.pathname}`;
    reject(
      new FairleadError("agent_disconnected", `cannot connect to ${url}${way}: ${explainDialFailure(error)}`, {
        cause: error,
      }),
    );
  });
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
