import { createHmac, hash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** better-auth's name for it, behind a prefix. */
const SESSION_COOKIE = "session_token";

/**
 * `__Host-`: browsers take such a cookie over https from this very host only, so that no other host of the domain can plant one.
 * Over plain http there is no such thing.
 */
export function cookiePrefix(isSecure: boolean): string {
  return isSecure ? "__Host-fairlead" : "fairlead";
}

/**
 * Finds the session token of a request. The cookie is the token and its HMAC, as better-auth signs it: who reads the database
 * cannot make one, and what nobody signed costs no query.
 */
export class SessionCookie {
  readonly #secret: string;
  readonly #isSecure: () => boolean;

  constructor(secret: string, isSecure: () => boolean) {
    this.#secret = secret;
    this.#isSecure = isSecure;
  }

  get name(): string {
    return `${cookiePrefix(this.#isSecure())}.${SESSION_COOKIE}`;
  }

  /** SHA-256 of the token, as the database has it; undefined without a cookie that this hub signed. */
  tokenHash(request: IncomingMessage): string | undefined {
    const value = cookies(request.headers.cookie).get(this.name);
    if (value === undefined) return undefined;
    const at = value.lastIndexOf(".");
    const token = value.slice(0, Math.max(at, 0));
    const signature = Buffer.from(value.slice(at + 1), "base64");
    const expected = createHmac("sha256", this.#secret).update(token).digest();
    if (token === "" || signature.length !== expected.length || !timingSafeEqual(signature, expected)) return undefined;
    return hashSessionToken(token);
  }
}

/** How session tokens are kept. */
export function hashSessionToken(token: string): string {
  return hash("sha256", token);
}

/** The cookies of a `Cookie` header; of a name that comes twice the first. */
export function cookies(header: string | undefined): Map<string, string> {
  const found = new Map<string, string>();
  for (const pair of (header ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at === -1) continue;
    const name = pair.slice(0, at).trim();
    if (!found.has(name)) found.set(name, decoded(pair.slice(at + 1).trim()));
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
