import { createHash, timingSafeEqual } from "node:crypto";
import { FairleadError } from "@fairlead/protocol";
import type { Log } from "../log.ts";
import { headerValues, type RequestHead } from "./request-head.ts";

/** Where a caller's token can be: the header of deployed hubs, a bearer token, or `?token=`. */
export type TokenBearer = Pick<RequestHead, "headers" | "target">;

/** Anyone can be refused as often as they like: the log tells of it at most this often, in milliseconds, with a count. */
const LOG_INTERVAL_MS = 10_000;

/** Asks callers for the agent's token. Without one, everyone is let in. */
export class TokenCheck {
  readonly #digest: Buffer | undefined;
  readonly #log: Log;
  #refused = 0;
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(token: string | undefined, log: Log) {
    this.#digest = token === undefined ? undefined : sha256(token);
    this.#log = log;
  }

  /**
   * Lets a request pass that shows the token.
   * @param from the caller's address, for the log
   * @throws FairleadError `unauthenticated`
   */
  check(request: TokenBearer, from: string | undefined): void {
    if (this.#allows(request)) return;
    this.#refused += 1;
    const now = performance.now();
    if (now - this.#loggedAt >= LOG_INTERVAL_MS) {
      const path = request.target.split("?")[0];
      this.#log.warn("refused a request without the right token", { path, from, refused: this.#refused });
      this.#refused = 0;
      this.#loggedAt = now;
    }
    throw new FairleadError(
      "unauthenticated",
      "The agent's token is missing or wrong: send it as X-Hawser-Token, as Authorization: Bearer, or as ?token=",
    );
  }

  /** Compares digests, so that neither the time it takes nor the length tells anything about the token. */
  #allows(request: TokenBearer): boolean {
    const expected = this.#digest;
    if (expected === undefined) return true;
    return shownTokens(request).some((token) => timingSafeEqual(sha256(token), expected));
  }
}

/** The request without tokens: they are for the agent, and an engine would log them. */
export function withoutTokens(head: RequestHead): RequestHead {
  return {
    ...head,
    target: withoutTokenQuery(head.target),
    headers: head.headers.filter(
      ([name, value]) =>
        name.toLowerCase() !== "x-hawser-token" && !(name.toLowerCase() === "authorization" && BEARER.test(value)),
    ),
  };
}

const BEARER = /^bearer[ \t]+(.*)$/i;

function shownTokens({ headers, target }: TokenBearer): string[] {
  const bearers = headerValues(headers, "authorization").map((value) => BEARER.exec(value)?.[1]);
  const query = queryParts(target).filter(isTokenPart).map(decodeTokenPart);
  return [...headerValues(headers, "x-hawser-token"), ...bearers, ...query].filter((token) => token !== undefined);
}

function withoutTokenQuery(target: string): string {
  const parts = queryParts(target);
  if (!parts.some(isTokenPart)) return target;
  const kept = parts.filter((part) => !isTokenPart(part)).join("&");
  const path = target.slice(0, target.indexOf("?"));
  return kept === "" ? path : `${path}?${kept}`;
}

function queryParts(target: string): string[] {
  const at = target.indexOf("?");
  return at === -1 ? [] : target.slice(at + 1).split("&");
}

function isTokenPart(part: string): boolean {
  return part.startsWith("token=");
}

function decodeTokenPart(part: string): string | undefined {
  try {
    return decodeURIComponent(part.slice("token=".length));
  } catch {
    return undefined;
  }
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
