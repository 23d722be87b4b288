import { FairleadError } from "@fairlead/protocol";

/** How the end of a request's body is found (RFC 9112 section 6). */
export type BodyFraming = { kind: "none" } | { kind: "length"; bytes: number } | { kind: "chunked" };

/** A request's head, kept so that it can be sent on as it came. */
export interface RequestHead {
  method: string;
  /** Path with query, as it came. */
  target: string;
  /** `HTTP/1.1` or `HTTP/1.0`. */
  version: string;
  /** In the order, the case and the number they came in. */
  headers: readonly (readonly [name: string, value: string])[];
  framing: BodyFraming;
  /** The client asks to leave HTTP on this connection. */
  wantsUpgrade: boolean;
}

/** A token of RFC 9110 section 5.6.2: methods and header names. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\/[\x21-\x7e\x80-\xff]*) (HTTP\/1\.[01])$/;
/** Everything but CR, LF and NUL: engines judge the rest. */
const VALUE = /^[^\r\n\0]*$/;

/**
 * Parses a head (without its empty last line, in Latin-1). Strict where a second reader might understand something else, since a proxy
 * in front may send requests of several people on one connection: no bare LF, no folded lines, no space before the colon, one way only to
 * tell the length.
 *
 * @throws FairleadError `bad_request`
 */
export function parseRequestHead(text: string): RequestHead {
  // RFC 9112 section 2.2: an empty line before a request is ignored.
  const [line = "", ...rest] = text.replace(/^(\r\n)+/, "").split("\r\n");
  const [, method, target, version] = REQUEST_LINE.exec(line) ?? [];
  if (method === undefined || target === undefined || version === undefined) {
    throw new FairleadError("bad_request", "the request line is not METHOD /path HTTP/1.1");
  }
  const headers = rest.map(parseHeader);
  // RFC 9112 section 6.1: faulty. Engines would not look for chunks, and take the body for the next request.
  if (version === "HTTP/1.0" && headerValues(headers, "transfer-encoding").length > 0) {
    throw new FairleadError("bad_request", "HTTP/1.0 has no Transfer-Encoding");
  }
  return { method, target, version, headers, framing: readFraming(headers), wantsUpgrade: readUpgrade(headers) };
}

/** The bytes of a head, its empty last line included. */
export function renderRequestHead({ method, target, version, headers }: RequestHead): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${target} ${version}\r\n${lines.join("")}\r\n`, "latin1");
}

/** All values of a header, `name` in lower case. */
export function headerValues(headers: RequestHead["headers"], name: string): string[] {
  return headers.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value);
}

function parseHeader(line: string): readonly [string, string] {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0));
  const value = line.slice(colon + 1);
  if (!TOKEN.test(name) || !VALUE.test(value)) {
    throw new FairleadError("bad_request", "a header line is not Name: value");
  }
  return [name, value.replace(/^[ \t]+|[ \t]+$/g, "")];
}

function readFraming(headers: RequestHead["headers"]): BodyFraming {
  const lengths = headerValues(headers, "content-length");
  const codings = headerValues(headers, "transfer-encoding");
  if (codings.length > 0) {
    const isChunked = codings.length === 1 && codings[0]?.toLowerCase() === "chunked";
    if (isChunked && lengths.length === 0) return { kind: "chunked" };
    throw new FairleadError("bad_request", "Transfer-Encoding must be chunked, once, and without Content-Length");
  }
  if (lengths.length === 0) return { kind: "none" };
  const [length = ""] = lengths;
  if (lengths.length > 1 || !/^\d{1,15}$/.test(length)) {
    throw new FairleadError("bad_request", "Content-Length must be one number");
  }
  return length.replace(/^0+/, "") === "" ? { kind: "none" } : { kind: "length", bytes: Number(length) };
}

function readUpgrade(headers: RequestHead["headers"]): boolean {
  const options = headerValues(headers, "connection").join(",").toLowerCase().split(",");
  return options.some((option) => option.trim() === "upgrade") && headerValues(headers, "upgrade").length > 0;
}
