/** Headers between the hub's JSON (one value a name) and the engine's HTTP. */
import { CONNECTION_HEADERS } from "@fairlead/protocol";

/** About the connection, and what this end sets itself. */
const NOT_FORWARDED = new Set<string>([
  ...CONNECTION_HEADERS,
  "content-length",
  "expect",
  "host",
  "trailer",
  "transfer-encoding",
]);

const NOT_ANSWERED = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Headers to send to the engine: without those of the connection, `content-length` right for `body`,
 * and a content type when there is a body and none was given (engines refuse JSON without one).
 */
export function engineRequestHeaders(
  headers: Readonly<Record<string, string>> | undefined,
  body: Uint8Array | undefined,
): Record<string, string> {
  const sent: Record<string, string> = {};
  const named = connectionTokens(headers);
  for (const [name, value] of Object.entries(headers ?? {})) {
    const lower = name.toLowerCase();
    if (!NOT_FORWARDED.has(lower) && !named.has(lower)) sent[lower] = value;
  }
  if (body !== undefined && body.length > 0) {
    sent["content-length"] = String(body.length);
    sent["content-type"] ??= "application/json";
  }
  return sent;
}

/** Raw headers (`[name, value, name, value …]`) as one value a name, named as Go names them: `Content-Type`, `Api-Version`. */
export function answerHeaders(rawHeaders: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = canonicalHeaderName(rawHeaders[at] ?? "");
    if (NOT_ANSWERED.has(name.toLowerCase())) continue;
    const value = rawHeaders[at + 1] ?? "";
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return headers;
}

/** `x-docker-container-path-stat` as `X-Docker-Container-Path-Stat`. */
export function canonicalHeaderName(name: string): string {
  return name
    .split("-")
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1).toLowerCase())
    .join("-");
}

/** Names that `Connection:` lists belong to the connection too. */
function connectionTokens(headers: Readonly<Record<string, string>> | undefined): Set<string> {
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (name.toLowerCase() === "connection") return new Set(value.toLowerCase().split(/[\s,]+/));
  }
  return new Set();
}
