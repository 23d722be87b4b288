import { type Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

/** Where a client sends Docker API calls: a unix socket, a TCP port, or the hub's Docker endpoint. */
export interface Target {
  readonly name: string;
  readonly connection: { readonly socketPath: string } | { readonly host: string; readonly port: number };
  /** PEM file of the authority to trust: the target speaks TLS. */
  readonly caPath?: string;
  readonly prefix: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The engine behind a unix socket, or a TCP port that leads to it. */
export function engineTarget(name: string, connection: Target["connection"]): Target {
  return { name, connection, prefix: "", headers: {} };
}

/** Starts a GET; the target's authority must be trusted by this process (see `openTunnel`). */
export function get(
  target: Target,
  path: string,
  listen: (response: IncomingMessage) => void,
  agent?: Agent,
): ClientRequest {
  const request = target.caPath === undefined ? httpRequest : httpsRequest;
  const { connection, headers } = target;
  return request(
    { ...connection, path: `${target.prefix}${path}`, headers, ...(agent === undefined ? {} : { agent }) },
    listen,
  ).end();
}
