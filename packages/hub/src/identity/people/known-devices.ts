import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { cookiePrefix, cookies } from "./session-cookie.ts";

/** Browsers keep no cookie for longer. */
const MAX_AGE_SECONDS = 400 * 24 * 3_600;

/**
 * Browsers that somebody has signed in from: their attempts are counted apart, so that whoever guesses elsewhere locks nobody out
 * who comes from a device of their own. The cookie gives nothing else.
 */
export class KnownDevices {
  readonly #secret: string;
  readonly #isSecure: () => boolean;

  constructor(secret: string, isSecure: () => boolean) {
    this.#secret = secret;
    this.#isSecure = isSecure;
  }

  /** The device's id when this person has signed in from it. */
  idOf(request: IncomingMessage, email: string): string | undefined {
    const [id = "", signature = ""] = (cookies(request.headers.cookie).get(this.#name) ?? "").split(".");
    const given = Buffer.from(signature, "base64url");
    const expected = this.#sign(id, email);
    return id !== "" && given.length === expected.length && timingSafeEqual(given, expected) ? id : undefined;
  }

  /** The value of `Set-Cookie` that makes the device known. */
  newCookie(email: string): string {
    const id = randomBytes(16).toString("base64url");
    const value = `${id}.${this.#sign(id, email).toString("base64url")}`;
    const secure = this.#isSecure() ? "; Secure" : "";
    return `${this.#name}=${value}; Path=/; Max-Age=${MAX_AGE_SECONDS}; HttpOnly; SameSite=Lax${secure}`;
  }

  get #name(): string {
    return `${cookiePrefix(this.#isSecure())}.device`;
  }

  #sign(id: string, email: string): Buffer {
    return createHmac("sha256", this.#secret).update(`${id}\n${email.toLowerCase()}`).digest();
  }
}
