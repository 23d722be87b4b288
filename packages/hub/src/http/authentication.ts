import type { IncomingMessage } from "node:http";
import { FairleadError } from "@fairlead/protocol";
import type { FastifyRequest } from "fastify";
import type { Caller } from "../access/caller.ts";
import { DEFAULT_REQUESTS_PER_SECOND, RequestLimit } from "../access/request-limit.ts";
import type { ApiTokens } from "../identity/service.ts";
import { addressKey } from "../link/address-key.ts";
import { FailedDials } from "../link/failed-dials.ts";

/**
 * Failures that one address may have at once, and how soon each is forgiven: a script with a stale token is told so a few
 * times a minute, a guesser gets no further. Addresses remembered: a few MB at most.
 */
const FAILURE_LIMITS = { failedDialBurst: 20, failedDialRefillMs: 3_000, maxFailedAddresses: 10_000 };

/** Where, besides the `Authorization: Bearer` header, a token may stand. */
export type TokenPlaces = "header" | "query-token" | "browser";

/** Who a request's session cookie stands for. @throws FairleadError forbidden for another site's request. */
export type AuthenticateSession = (request: IncomingMessage) => Promise<Caller | undefined>;

/** Finds out who makes a request. */
export class Authentication {
  readonly #tokens: ApiTokens;
  readonly #session: AuthenticateSession | undefined;
  readonly #failures = new FailedDials(FAILURE_LIMITS);
  readonly #trustProxy: boolean;
  readonly #limit: RequestLimit;

  constructor(
    tokens: ApiTokens,
    options: { trustProxy: boolean; requestsPerSecond?: number; session?: AuthenticateSession },
  ) {
    this.#tokens = tokens;
    this.#session = options.session;
    this.#trustProxy = options.trustProxy;
    this.#limit = new RequestLimit(options.requestsPerSecond ?? DEFAULT_REQUESTS_PER_SECOND);
  }

  /** The gate of every Fastify route. Undefined on an open one. @throws FairleadError unauthenticated, rate_limited. */
  async admit(request: FastifyRequest): Promise<Caller | undefined> {
    const access = request.routeOptions.config.access ?? "header";
    return access === "open" ? undefined : this.identify(request.raw, access);
  }

  /**
   * A wrong token counts against its address; one that is known to be good still gets in from there, so that one broken
   * script behind a shared address locks nobody out.
   *
   * @throws FairleadError unauthenticated, rate_limited.
   */
  async identify(request: IncomingMessage, places: TokenPlaces = "header"): Promise<Caller> {
    const secret = findToken(request, places);
    if (secret === undefined) {
      const person = await this.#session?.(request);
      if (person) {
        this.#limit.take(person);
        return person;
      }
      throw new FairleadError(
        "unauthenticated",
        "An API token or a session is needed. Send a token in the header, Authorization: Bearer TOKEN, or sign in at /sign-in.",
      );
    }
    const address = addressKey(clientAddress(request, this.#trustProxy));
    const waitMs = this.#failures.waitMs(address);
    if (waitMs > 0 && !this.#tokens.isKnownGood(secret)) {
      const retryAfterSeconds = Math.ceil(waitMs / 1000);
      throw new FairleadError(
        "rate_limited",
        `Too many requests with wrong API tokens came from ${address}. Try again in ${retryAfterSeconds} s.`,
        { details: { retryAfterSeconds } },
      );
    }
    const caller = await this.#tokens.authenticate(secret);
    if (caller) {
      this.#limit.take(caller);
      return caller;
    }
    this.#failures.add(address);
    throw new FairleadError("unauthenticated", "The API token is unknown, expired or revoked. Make a new one.");
  }
}

/**
 * The address that a request comes from. Behind a trusted proxy it is the last one in `X-Forwarded-For`, which the proxy
 * itself wrote; what stands before it anyone can write.
 */
export function clientAddress(request: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy
    ? [request.headers["x-forwarded-for"]].flat().at(-1)?.split(",").at(-1)?.trim()
    : undefined;
  return forwarded || (request.socket.remoteAddress ?? "unknown");
}

function findToken(request: IncomingMessage, places: TokenPlaces): string | undefined {
  const header = request.headers.authorization;
  const bearer = /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
  if (bearer !== undefined) return bearer;
  if (places === "query-token") return queryToken(request.url ?? "");
  if (places === "browser") return basicPassword(header);
  return undefined;
}

function queryToken(url: string): string | undefined {
  const start = url.indexOf("?");
  if (start === -1) return undefined;
  return new URLSearchParams(url.slice(start + 1)).get("access_token") || undefined;
}

function basicPassword(header: string | undefined): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const [, ...password] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  return password.join(":") || undefined;
}
