import { hash, randomBytes, randomInt } from "node:crypto";
import { FairleadError, isFairleadError } from "@fairlead/protocol";
import type { DeviceLogin as StartedDeviceLogin, DeviceLoginResult, DeviceRequest } from "@fairlead/protocol/rest";
import type { DeviceLoginRow, DeviceLoginStore } from "./device-login-store.ts";

/** A person finds a browser, signs in and looks at the code within this. */
const LIFE_MS = 10 * 60_000;
const INTERVAL_MS = 5_000;
/** The network may bring two polls closer together than they were sent. */
const INTERVAL_SLACK_MS = 500;

/** Requests that wait for a person: far more than a hub has people. */
const MAX_OPEN = 1_000;

/** RFC 8628 section 6.1: consonants that are not mistaken for one another, and make no words. */
const USER_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ";
const USER_CODE_LENGTH = 8;
const DEVICE_CODE_BYTES = 32;

/** Names that several logins of one host would share get a few letters of their own. */
const NAME_TRIES = 5;

export interface DeviceLoginParts {
  readonly store: DeviceLoginStore;
  /** Makes an API token of this person. @throws FairleadError conflict when the name is taken. */
  readonly makeToken: (personId: string, name: string) => Promise<string>;
  readonly emailOf: (personId: string) => Promise<string | undefined>;
  /** Origin at which people reach the hub. */
  readonly url: () => string;
}

/** What a poll comes to; of a token that was made also whose it is. */
export type PolledDeviceLogin =
  | Exclude<DeviceLoginResult, { status: "approved" }>
  | (Extract<DeviceLoginResult, { status: "approved" }> & { readonly personId: string });

/** Lets a program in by a person in a browser, after RFC 8628. Both codes are hashed at rest. */
export class DeviceLogins {
  readonly #parts: DeviceLoginParts;

  constructor(parts: DeviceLoginParts) {
    this.#parts = parts;
  }

  /** @throws FairleadError overloaded when too many wait. */
  async start(hostname: string, address: string, now: number = Date.now()): Promise<StartedDeviceLogin> {
    const { store } = this.#parts;
    await store.removeExpired(now);
    if ((await store.count()) >= MAX_OPEN) {
      throw new FairleadError(
        "overloaded",
        `${MAX_OPEN} programs wait to be let in already. Try again in some minutes.`,
      );
    }
    const deviceCode = randomBytes(DEVICE_CODE_BYTES).toString("base64url");
    const userCode = newUserCode();
    await store.insert({
      device_code_hash: hash("sha256", deviceCode),
      user_code_hash: hashUserCode(userCode),
      hostname: printable(hostname),
      address,
      denied: 0,
      created_at: now,
      expires_at: now + LIFE_MS,
    });
    const verificationUrl = `${this.#parts.url()}/device`;
    return {
      deviceCode,
      userCode,
      verificationUrl,
      verificationUrlComplete: `${verificationUrl}#${userCode}`,
      expiresInSeconds: LIFE_MS / 1000,
      intervalSeconds: INTERVAL_MS / 1000,
    };
  }

  removeExpired(now: number): Promise<void> {
    return this.#parts.store.removeExpired(now);
  }

  /** What the program's code is worth by now. The token is made and given once. @throws FairleadError rate_limited. */
  async poll(deviceCode: string, now: number = Date.now()): Promise<PolledDeviceLogin> {
    const { store } = this.#parts;
    const login = await store.byDeviceCode(hash("sha256", deviceCode));
    if (!login || login.expires_at <= now) return { status: "expired" };
    if (login.polled_at !== null && now - login.polled_at < INTERVAL_MS - INTERVAL_SLACK_MS) {
      throw new FairleadError("rate_limited", `Ask every ${INTERVAL_MS / 1000} s, not more often.`, {
        details: { retryAfterSeconds: INTERVAL_MS / 1000 },
      });
    }
    if (login.denied === 1) {
      await store.remove(login.id);
      return { status: "denied" };
    }
    if (login.person_id === null) {
      await store.polled(login.id, now);
      return { status: "pending", intervalSeconds: INTERVAL_MS / 1000 };
    }
    // Whoever removes the row gets the token.
    if (!(await store.remove(login.id))) return { status: "expired" };
    const { person_id: personId, hostname } = login;
    const email = await this.#parts.emailOf(personId);
    if (email === undefined) return { status: "denied" };
    return { status: "approved", personId, email, ...(await this.#makeToken(personId, hostname)) };
  }

  /** What asks under this code, for the person to see. @throws FairleadError not_found. */
  async show(userCode: string, now: number = Date.now()): Promise<DeviceRequest> {
    const { hostname, address, created_at: createdAt, expires_at: expiresAt } = await this.#open(userCode, now);
    return {
      hostname,
      address,
      createdAt: new Date(createdAt).toISOString(),
      expiresAt: new Date(expiresAt).toISOString(),
    };
  }

  /** @throws FairleadError not_found when nothing waits under this code. */
  async decide(userCode: string, personId: string, allow: boolean, now: number = Date.now()): Promise<void> {
    const login = await this.#open(userCode, now);
    const decision = allow ? { person_id: personId } : { denied: 1 };
    if (!(await this.#parts.store.decide(login.id, decision))) throw unknownCode();
  }

  async #open(userCode: string, now: number): Promise<DeviceLoginRow> {
    const login = await this.#parts.store.byUserCode(hashUserCode(userCode));
    if (!login || login.expires_at <= now || login.person_id !== null || login.denied === 1) throw unknownCode();
    return login;
  }

  async #makeToken(personId: string, hostname: string): Promise<{ token: string; tokenName: string }> {
    const base = `device: ${hostname}`;
    for (let tries = 1; ; tries += 1) {
      const tokenName = tries === 1 ? base : `${base} (${randomBytes(3).toString("hex")})`;
      try {
        return { token: await this.#parts.makeToken(personId, tokenName), tokenName };
      } catch (error) {
        if (!isFairleadError(error, "conflict") || tries >= NAME_TRIES) throw error;
      }
    }
  }
}

/** `BCDF-GHJK`: 34 bits, which ten minutes and the limits by address leave no chance to guess. */
function newUserCode(): string {
  const letters = Array.from(
    { length: USER_CODE_LENGTH },
    () => USER_CODE_LETTERS[randomInt(USER_CODE_LETTERS.length)],
  );
  return `${letters.slice(0, 4).join("")}-${letters.slice(4).join("")}`;
}

/** However it was typed. */
function hashUserCode(code: string): string {
  return hash("sha256", code.toUpperCase().replace(/[^A-Z]/g, ""));
}

/** It is shown to a person, and becomes the token's name. */
function printable(hostname: string): string {
  return hostname.replace(/[^\p{L}\p{N} ._@-]/gu, "").trim() || "unknown";
}

function unknownCode(): FairleadError {
  return new FairleadError(
    "not_found",
    "Nothing waits under this code. It ends after ten minutes: compare it with what the program shows, or start again.",
  );
}
