/** RFC 9110 section 7.6.1: headers about one connection, not the message. `transfer-encoding` is another, which takes care of its own. */
export const CONNECTION_HEADERS = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "upgrade",
] as const;

/** Lower-case names of headers about how a body comes: another body in its place has its own. */
export const FRAMING_HEADERS: ReadonlySet<string> = new Set([
  "content-length",
  "transfer-encoding",
  "trailer",
  "expect",
]);
