import type { IncomingMessage } from "node:http";
import { CONNECTION_HEADERS, type HeaderPairs } from "@fairlead/protocol";

/** About one connection, not about the message. Node and the raw carrier write their own. */
const HOP_BY_HOP = new Set<string>([...CONNECTION_HEADERS, "transfer-encoding"]);

/** Meant for the hub: its engines and agents must not see its callers' tokens, and have a name of their own. */
const FOR_THE_HUB = new Set(["authorization", "cookie", "host", "x-hawser-token"]);

/**
 * Of an answer: what a browser would do to the hub's own origin. A host's engine speaks for itself, not for the hub.
 */
const FOR_ANOTHER_ORIGIN =
  /^(set-cookie|clear-site-data|strict-transport-security|www-authenticate|content-security-policy|refresh|access-control-.*)$/;

/** Flat list of names and values, as `IncomingMessage.rawHeaders` has them. */
export type RawHeaders = string[];

/** The request's headers for the engine, in their order and spelling: without the hub's own and what is about the connection. */
export function requestHeaders(request: IncomingMessage): RawHeaders {
  const named = connectionNames(request.headers.connection);
  // The length frames the body, whatever else the caller says of it: without it the body would be the engine's next request.
  const stays = (name: string): boolean => name === "content-length" || !named.has(name);
  return pick(request.rawHeaders, (name) => !HOP_BY_HOP.has(name) && !FOR_THE_HUB.has(name) && stays(name));
}

/** The request's headers for an engine that takes the connection over: those of an upgrade and of the body's framing stay as sent. */
export function takeOverHeaders(request: IncomingMessage, isUpgrade: boolean): RawHeaders {
  const stays = (name: string): boolean =>
    !HOP_BY_HOP.has(name) ||
    name === "transfer-encoding" ||
    (isUpgrade && (name === "connection" || name === "upgrade"));
  return pick(request.rawHeaders, (name) => !FOR_THE_HUB.has(name) && stays(name));
}

/** The answer's headers for the caller; Node adds framing that fits the caller's connection. */
export function responseHeaders(answer: IncomingMessage): RawHeaders {
  const named = connectionNames(answer.headers.connection);
  return pick(answer.rawHeaders, (name) => !HOP_BY_HOP.has(name) && !named.has(name) && !FOR_ANOTHER_ORIGIN.test(name));
}

/** A stream's answer headers for the caller; Node adds framing that fits the caller's connection. */
export function streamResponseHeaders(headers: HeaderPairs): RawHeaders {
  const raw = headers.flat();
  const connection = headers.find(([name]) => name.toLowerCase() === "connection")?.[1];
  const named = connectionNames(connection);
  return pick(
    raw,
    (name) => !HOP_BY_HOP.has(name) && !named.has(name) && name !== "trailer" && !FOR_ANOTHER_ORIGIN.test(name),
  );
}

/** Flat headers as a stream carries them. */
export function headerPairs(raw: RawHeaders): HeaderPairs {
  const pairs: HeaderPairs = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at]!, raw[at + 1]!]);
  return pairs;
}

/** The request's headers as protocol 1.0 carries them; the codec frames the body. */
export function linkRequestHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  const raw = requestHeaders(request);
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    if (name === "content-length" || name === "expect" || name === "trailer") continue;
    headers[name] = headers[name] === undefined ? raw[at + 1]! : `${headers[name]}, ${raw[at + 1]!}`;
  }
  return headers;
}

/** An agent's answer headers for the caller, without framing: the body that came counts. */
export function linkResponseHeaders(headers: Readonly<Record<string, string>>): RawHeaders {
  return Object.entries(headers)
    .filter(([name]) => {
      const lower = name.toLowerCase();
      return !HOP_BY_HOP.has(lower) && lower !== "content-length" && !FOR_ANOTHER_ORIGIN.test(lower);
    })
    .flat();
}

function pick(raw: readonly string[], keep: (lowerCaseName: string) => boolean): RawHeaders {
  const picked: RawHeaders = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if (keep(raw[at]!.toLowerCase())) picked.push(raw[at]!, raw[at + 1]!);
  }
  return picked;
}

function connectionNames(connection: string | undefined): Set<string> {
  return new Set((connection ?? "").split(",").map((name) => name.trim().toLowerCase()));
}
