import { IncomingMessage } from "node:http";
import { FRAMING_HEADERS } from "@fairlead/protocol";

/** A request whose body was read, with another in its place. */
export function withBody(request: IncomingMessage, body: Uint8Array): IncomingMessage {
  const copy = new IncomingMessage(request.socket);
  const { method, url, httpVersion, httpVersionMajor, httpVersionMinor, rawHeaders } = request;
  const length = String(body.length);
  copy.rawHeaders = [
    ...rawHeaders.flatMap((name, at) =>
      at % 2 === 0 && !FRAMING_HEADERS.has(name.toLowerCase()) ? [name, rawHeaders[at + 1] ?? ""] : [],
    ),
    "Content-Length",
    length,
  ];
  const kept = Object.entries(request.headers).filter(([name]) => !FRAMING_HEADERS.has(name));
  copy.headers = { ...Object.fromEntries(kept), "content-length": length };
  Object.assign(copy, { method, url, httpVersion, httpVersionMajor, httpVersionMinor, complete: true });
  copy.push(body);
  copy.push(null);
  return copy;
}
