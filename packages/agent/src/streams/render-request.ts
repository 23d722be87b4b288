import { CONNECTION_HEADERS, FairleadError, type StreamOpen } from "@fairlead/protocol";

/** How a request's body is framed: so many bytes (0: none), or chunks. */
export type BodyFraming = number | "chunked";

export interface RenderedRequest {
  /** The request's head. */
  readonly bytes: Buffer;
  readonly framing: BodyFraming;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const TARGET = /^\/[\x21-\x7e]*$/;

/** About the connection, and what is set here. */
const NOT_FORWARDED = new Set<string>([...CONNECTION_HEADERS, "host"]);

/**
 * The head of a stream's request as the engine gets it.
 * @throws FairleadError bad_request when something in it is not HTTP: a hub must not be able to smuggle a second request in
 */
export function renderRequest({ method, path, headers, upgrade }: StreamOpen): RenderedRequest {
  if (!TOKEN.test(method) || method.toUpperCase() === "CONNECT") throw notHttp("method", method);
  if (!TARGET.test(path)) throw notHttp("path", path);
  const lines = [`${method} ${path} HTTP/1.1`, "Host: localhost"];
  let framing: BodyFraming | undefined;
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (!TOKEN.test(name) || !VALUE.test(value)) throw notHttp("header", name);
    if (NOT_FORWARDED.has(lower)) continue;
    if (lower === "transfer-encoding" || lower === "content-length") {
      if (framing !== undefined) throw notHttp("framing", "more than one Content-Length or Transfer-Encoding");
      framing = lower === "content-length" ? lengthOf(value) : chunked(value);
    }
    lines.push(`${name}: ${value}`);
  }
  // Engines wait for a body that a POST does not exclude.
  if (framing === undefined && /^(POST|PUT|PATCH)$/.test(method)) lines.push("Content-Length: 0");
  if (upgrade !== undefined && upgrade !== "") {
    if (!VALUE.test(upgrade)) throw notHttp("upgrade", upgrade);
    lines.push("Connection: Upgrade", `Upgrade: ${upgrade}`);
  }
  return { bytes: Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), framing: framing ?? 0 };
}

function lengthOf(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw notHttp("Content-Length", value);
  return Number(value);
}

function chunked(value: string): "chunked" {
  if (value.toLowerCase() !== "chunked") throw notHttp("Transfer-Encoding", value);
  return "chunked";
}

function notHttp(what: string, value: string): FairleadError {
  return new FairleadError("bad_request", `${what} ${JSON.stringify(value.slice(0, 100))} is not valid in HTTP`);
}
