import type { Agent, ClientRequest } from "node:http";
import type { TLSSocket } from "node:tls";
import { FairleadError } from "@fairlead/protocol";
import type { AgentConfig } from "../config.ts";
import { explainDialFailure, explainProxyRefusal } from "./dial-failure.ts";
import type { HubKeyCheck } from "./hub-key.ts";
import { proxyAgent, proxyFor } from "./proxy.ts";

/** What the way to the hub needs of the configuration. */
export type HubWayConfig = Pick<AgentConfig, "proxy" | "caCert" | "tlsSkipVerify"> & {
  serverUrl: URL;
  /** Asked in the place of the authorities. */
  checkKey?: HubKeyCheck | undefined;
};

/** How a proxy answered CONNECT: what `https-proxy-agent` tells with its event `proxyConnect`. */
interface ProxyAnswer {
  readonly statusCode: number;
  readonly statusText: string;
}

/** How requests get to the hub, and know it. */
export interface HubWay {
  /** For `http.request` and the WebSocket. */
  readonly options: { ca?: string; rejectUnauthorized: boolean; agent?: Agent };
  /** Must be told of each request: ends it when the hub is not the one it should be. */
  watch(request: ClientRequest): void;
  /** An error of a request, in words that say what to do. */
  failure(error: Error): FairleadError;
}

/** @param onRefused Called when a proxy does not let the request through: its answer would be taken for the hub's. */
export async function hubWay(config: HubWayConfig, onRefused: (error: FairleadError) => void): Promise<HubWay> {
  const { serverUrl, checkKey } = config;
  const tls = {
    ...(config.caCert === undefined ? {} : { ca: config.caCert }),
    rejectUnauthorized: !config.tlsSkipVerify && checkKey === undefined,
  };
  const proxy = proxyFor(serverUrl, config.proxy);
  // The check is about the hub: a proxy with TLS is known by the authorities.
  const agent = proxy && (await proxyAgent(proxy, { ...tls, rejectUnauthorized: !config.tlsSkipVerify }));
  agent?.on("proxyConnect", ({ statusCode, statusText }: ProxyAnswer) => {
    if (statusCode === 200) return;
    const message = explainProxyRefusal(proxy as URL, serverUrl, statusCode, statusText);
    onRefused(new FairleadError("agent_disconnected", message));
  });
  return {
    options: { ...tls, ...(agent === undefined ? {} : { agent }) },
    watch: (request) => {
      if (checkKey !== undefined) checkHub(request, checkKey);
    },
    failure: (error) => {
      if (error instanceof FairleadError) return error;
      const way = proxy ? ` through the proxy ${proxy.host}` : "";
      const url = `${serverUrl.origin}${serverUrl.pathname}`;
      const message = `cannot connect to ${url}${way}: ${explainDialFailure(error)}`;
      return new FairleadError("agent_disconnected", message, { cause: error });
    },
  };
}

/** Before anything that the hub sends is read. */
function checkHub(request: ClientRequest, check: HubKeyCheck): void {
  request.once("socket", (socket: TLSSocket & { secureConnecting?: boolean }) => {
    const judge = (): void => {
      const problem = check(socket);
      if (problem !== undefined) request.destroy(problem);
    };
    // Its handshake has yet to come; one that were over must not go by unjudged.
    if (socket.secureConnecting === false) judge();
    else socket.prependOnceListener("secureConnect", judge);
  });
}
