import type { IncomingMessage } from "node:http";
import { FairleadError } from "@fairlead/protocol";

const READING = new Set(["GET", "HEAD"]);

/**
 * Refuses what another site makes a browser send with the person's cookie: everything that changes something, and every
 * WebSocket, must come from a page of this hub. Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`; no page can forge
 * either. For requests that a cookie lets in; a token in a header is sent by nobody unknowingly.
 *
 * @param origins Where people reach the hub, beside the host that the request itself names.
 * @throws FairleadError forbidden.
 */
export function checkOrigin(request: IncomingMessage, origins: readonly string[] = []): void {
  const isUpgrade = request.headers.upgrade !== undefined;
  if (READING.has(request.method ?? "") && !isUpgrade) return;
  const site = request.headers["sec-fetch-site"];
  if (site === "same-origin") return;
  const { origin } = request.headers;
  if (site === undefined && origin !== undefined && isOwn(origin, request, origins)) return;
  // Browsers leave Sec-Fetch-Site out on insecure origins, and say Origin; of WebSockets some say no more than that.
  const from = origin ?? (site === undefined ? "an unknown place" : `a ${site} page`);
  throw new FairleadError(
    "forbidden",
    `A request that a cookie lets in must come from a page of this hub, not from ${from}. Programs send an API token.`,
  );
}

function isOwn(origin: string, request: IncomingMessage, origins: readonly string[]): boolean {
  if (origins.includes(origin)) return true;
  const { host } = request.headers;
  return host !== undefined && URL.parse(origin)?.host === host;
}
