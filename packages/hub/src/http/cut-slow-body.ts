import type { IncomingMessage } from "node:http";

/** A body of a megabyte comes in this on a slow line; one that does not come is held for nothing. */
const BODY_TIMEOUT_MS = 30_000;

/** Ends the connection of a request whose body does not come in time. */
export function cutSlowBody(request: IncomingMessage): void {
  if (!hasBody(request) || request.complete) return;
  const timer = setTimeout(() => request.socket.destroy(), BODY_TIMEOUT_MS).unref();
  for (const event of ["end", "close"] as const) request.once(event, () => clearTimeout(timer));
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}
