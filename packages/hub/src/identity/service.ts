import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import { FairleadError } from "@fairlead/protocol";
import type { ApiToken, CreateApiToken, CreatedApiToken } from "@fairlead/protocol/rest";
import type { Logger } from "pino";
import type { ApiTokenRow, ApiTokenStore } from "./store.ts";

/** The name of the token that FAIRLEAD_BOOTSTRAP_TOKEN gives. */
export const BOOTSTRAP_TOKEN_NAME = "bootstrap";

/** `fl_` and 256 random bits, base64url. */
const SECRET_PREFIX = "fl_";
const SECRET_BYTES = 32;

/** Tokens known to be good, by hash, so that a request costs no query: more than a hub has callers. */
const MAX_CACHED_TOKENS = 1_000;

/** "Last used" is for people: a minute is exact enough, and one write a minute costs nothing. */
const LAST_USED_INTERVAL_MS = 60_000;

/** Shorter than this, a token that a person chose can be guessed. */
const SHORT_SECRET_LENGTH = 16;

/** Who made a request. */
export interface Caller {
  readonly tokenId: number;
  readonly name: string;
}

/** API tokens: 256 random bits, stored as SHA-256 (nothing slower is needed for a secret that cannot be guessed), shown once. */
export class ApiTokens {
  readonly #store: ApiTokenStore;
  readonly #log: Logger;
  readonly #cache = new Map<string, ApiTokenRow>();
  readonly #used = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(store: ApiTokenStore, log: Logger) {
    this.#store = store;
    this.#log = log;
    this.#timer = setInterval(() => void this.#writeLastUsed(), LAST_USED_INTERVAL_MS).unref();
  }

  /** Who has this secret; undefined when it is unknown, expired or revoked. */
  async authenticate(secret: string): Promise<Caller | undefined> {
    const hash = hashOf(secret);
    const row = this.#cache.get(hash) ?? (await this.#store.byHash(hash));
    if (row === undefined || !sameHash(row.hash, hash)) return undefined;
    if (row.expires_at !== null && row.expires_at <= Date.now()) return undefined;
    this.#remember(row);
    this.#used.set(row.id, Date.now());
    return { tokenId: row.id, name: row.name };
  }

  /** True when the secret let its owner in lately: no query. */
  isKnownGood(secret: string): boolean {
    const row = this.#cache.get(hashOf(secret));
    return row !== undefined && (row.expires_at === null || row.expires_at > Date.now());
  }

  async list(): Promise<ApiToken[]> {
    await this.#writeLastUsed();
    return (await this.#store.list()).map(tokenView);
  }

  /** @throws FairleadError bad_request naming the field, conflict when the name is taken. */
  async create(input: CreateApiToken): Promise<CreatedApiToken> {
    if (input.name === BOOTSTRAP_TOKEN_NAME) {
      throw new FairleadError(
        "bad_request",
        `The name ${BOOTSTRAP_TOKEN_NAME} is kept for FAIRLEAD_BOOTSTRAP_TOKEN. Choose another.`,
        { details: { field: "name" } },
      );
    }
    const expiresAt = input.expiresAt === undefined ? null : Date.parse(input.expiresAt);
    if (expiresAt !== null && expiresAt <= Date.now()) {
      throw new FairleadError("bad_request", `expiresAt ${input.expiresAt} is not in the future.`, {
        details: { field: "expiresAt" },
      });
    }
    const secret = newSecret();
    const row = await this.#store.insert(newRow(input.name, secret, expiresAt));
    return { token: tokenView(row), secret };
  }

  /** The token is worth nothing from now on. @throws FairleadError not_found. */
  async revoke(id: number): Promise<void> {
    if (!(await this.#store.remove(id))) {
      throw new FairleadError("not_found", `There is no API token with the id ${id}.`);
    }
    this.#forget(id);
  }

  /**
   * Takes the bootstrap token, stored once; a changed one takes the old one's place.
   *
   * @throws FairleadError config_invalid when it cannot be sent in a header.
   */
  async setBootstrap(secret: string): Promise<void> {
    if (!/^[!-~]+$/.test(secret)) {
      throw new FairleadError(
        "config_invalid",
        "FAIRLEAD_BOOTSTRAP_TOKEN holds blanks or characters other than visible ASCII (the value is not shown). Use letters and digits, for example the output of: openssl rand -hex 32",
      );
    }
    if (secret.length < SHORT_SECRET_LENGTH) {
      this.#log.warn(`FAIRLEAD_BOOTSTRAP_TOKEN is short (under ${SHORT_SECRET_LENGTH} characters) and can be guessed`);
    }
    // The same secret may be known under another name already, for example the one made at the first start.
    if ((await this.#store.byHash(hashOf(secret))) !== undefined) return;
    const before = await this.#store.byName(BOOTSTRAP_TOKEN_NAME);
    await this.#store.replace(newRow(BOOTSTRAP_TOKEN_NAME, secret, null));
    if (before) this.#forget(before.id);
    this.#log.info(before ? "The bootstrap token was replaced by a new one" : "The bootstrap token was stored");
  }

  /** Makes a token when there is none at all, so that a fresh hub can be used. */
  async createFirst(): Promise<string | undefined> {
    if ((await this.#store.list()).length > 0) return undefined;
    return (await this.create({ name: "first" })).secret;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writeLastUsed();
  }

  #remember(row: ApiTokenRow): void {
    // Least recently used first.
    this.#cache.delete(row.hash);
    this.#cache.set(row.hash, row);
    if (this.#cache.size <= MAX_CACHED_TOKENS) return;
    const oldest = this.#cache.keys().next();
    if (!oldest.done) this.#cache.delete(oldest.value);
  }

  #forget(id: number): void {
    for (const [hash, row] of this.#cache) if (row.id === id) this.#cache.delete(hash);
    this.#used.delete(id);
  }

  async #writeLastUsed(): Promise<void> {
    if (this.#used.size === 0) return;
    const times = new Map(this.#used);
    this.#used.clear();
    try {
      await this.#store.setLastUsed(times);
    } catch (error) {
      this.#log.warn({ err: error }, "The times when API tokens were last used could not be stored");
    }
  }
}

function newSecret(): string {
  return SECRET_PREFIX + randomBytes(SECRET_BYTES).toString("base64url");
}

function hashOf(secret: string): string {
  return hash("sha256", secret);
}

function sameHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function newRow(name: string, secret: string, expiresAt: number | null): Omit<ApiTokenRow, "id"> {
  return { name, hash: hashOf(secret), created_at: Date.now(), expires_at: expiresAt, last_used_at: null };
}

function tokenView(row: ApiTokenRow): ApiToken {
  const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  return {
    id: row.id,
    name: row.name,
    createdAt: new Date(row.created_at).toISOString(),
    expiresAt: time(row.expires_at),
    lastUsedAt: time(row.last_used_at),
  };
}
