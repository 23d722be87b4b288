import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import { FairleadError } from "@fairlead/protocol";
import type { ApiToken, CreateApiToken, CreatedApiToken, GrantInput } from "@fairlead/protocol/rest";
import type { Logger } from "pino";
import { ALL_PERMISSIONS } from "../access/built-in-roles.ts";
import type { Caller, Grant } from "../access/caller.ts";
import type { Access } from "../access/service.ts";
import type { ApiTokenRow, ApiTokenStore } from "./store.ts";

/** The name of the token that FAIRLEAD_BOOTSTRAP_TOKEN gives. */
export const BOOTSTRAP_TOKEN_NAME = "bootstrap";

/** The name of the token that a fresh hub makes for itself. */
export const FIRST_TOKEN_NAME = "first";

/** `fl_` and 256 random bits, base64url. */
const SECRET_PREFIX = "fl_";
const SECRET_BYTES = 32;

/** Tokens known to be good, by hash, so that a request costs no query: more than a hub has callers. */
const MAX_CACHED_TOKENS = 1_000;

/** "Last used" is for people: a minute is exact enough, and one write a minute costs nothing. */
const LAST_USED_INTERVAL_MS = 60_000;

/** Shorter than this, a token that a person chose can be guessed. */
const SHORT_SECRET_LENGTH = 16;

const EVERYTHING: readonly Grant[] = [{ permissions: ALL_PERMISSIONS, scope: { type: "all" } }];

interface KnownToken {
  readonly row: ApiTokenRow;
  readonly caller: Caller;
}

/** API tokens: 256 random bits, stored as SHA-256 (nothing slower is needed for a secret that cannot be guessed), shown once. */
export class ApiTokens {
  readonly #store: ApiTokenStore;
  readonly #log: Logger;
  readonly #access: Access;
  readonly #cache = new Map<string, KnownToken>();
  readonly #revoked: ((tokenId: string) => void)[] = [];
  /** Counts what makes known tokens old. */
  #changes = 0;
  readonly #used = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(store: ApiTokenStore, access: Access, log: Logger) {
    this.#store = store;
    this.#access = access;
    this.#log = log;
    access.onChange(() => {
      this.#changes += 1;
      this.#cache.clear();
    });
    this.#timer = setInterval(() => void this.#writeLastUsed(), LAST_USED_INTERVAL_MS).unref();
  }

  /** Told the id of a token that ends before its time. */
  onRevoked(listener: (tokenId: string) => void): void {
    this.#revoked.push(listener);
  }

  /** Who has this secret; undefined when it is unknown, expired or revoked. */
  async authenticate(secret: string): Promise<Caller | undefined> {
    const hash = hashOf(secret);
    const known = await this.#find(hash);
    if (known === undefined || !sameHash(known.row.hash, hash) || hasEnded(known.row)) return undefined;
    this.#remember(known);
    this.#used.set(known.row.id, Date.now());
    return known.caller;
  }

  /** True when the secret let its owner in lately: no query. */
  isKnownGood(secret: string): boolean {
    const known = this.#cache.get(hashOf(secret));
    return known !== undefined && !hasEnded(known.row);
  }

  /** All of them, or one person's. */
  async list(ownerId?: string): Promise<ApiToken[]> {
    await this.#writeLastUsed();
    return (await this.#store.list(ownerId)).map(tokenView);
  }

  /** True when some token has this role. */
  async hasRole(role: string): Promise<boolean> {
    return (await this.#store.list()).some(({ grants }) =>
      parseGrants(grants)?.some((grant) => "role" in grant && grant.role === role),
    );
  }

  /**
   * Makes a token for its creator: it belongs to the same person, and does no more than its creator may.
   *
   * @param creator undefined: the hub itself.
   * @throws FairleadError bad_request naming the field, conflict when the name is taken, forbidden when it is to do more.
   */
  async create(input: CreateApiToken, creator?: Caller): Promise<CreatedApiToken> {
    const field = (name: string, message: string): FairleadError =>
      new FairleadError("bad_request", message, { details: { field: name } });
    if (input.name === BOOTSTRAP_TOKEN_NAME) {
      throw field("name", `The name ${BOOTSTRAP_TOKEN_NAME} is kept for FAIRLEAD_BOOTSTRAP_TOKEN. Choose another.`);
    }
    const expiresAt = input.expiresAt === undefined ? null : Date.parse(input.expiresAt);
    if (expiresAt !== null && expiresAt <= Date.now()) {
      throw field("expiresAt", `expiresAt ${input.expiresAt} is not in the future.`);
    }
    const secret = newSecret();
    const row = await this.#store.insert({
      ...newRow(input.name, secret, expiresAt),
      owner_id: creator?.personId ?? null,
      grants: this.#grantsOf(input, creator),
    });
    return { token: tokenView(row), secret };
  }

  /**
   * The token is worth nothing from now on.
   *
   * @param ownerId only a token of this person; undefined: anyone's.
   * @throws FairleadError not_found.
   */
  async revoke(id: number, ownerId?: string): Promise<void> {
    if (!(await this.#store.remove(id, ownerId))) {
      throw new FairleadError("not_found", `There is no API token with the id ${id}.`);
    }
    this.#forget(id);
  }

  /** Ends all tokens of a person. */
  async revokeAllOf(ownerId: string): Promise<void> {
    for (const { id } of await this.#store.list(ownerId)) await this.revoke(id);
  }

  /**
   * Takes the bootstrap token, stored once; a changed one takes the old one's place.
   *
   * @returns False when it was known already.
   * @throws FairleadError config_invalid when it cannot be sent in a header.
   */
  async setBootstrap(secret: string): Promise<boolean> {
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
    if ((await this.#store.byHash(hashOf(secret))) !== undefined) return false;
    const before = await this.#store.byName(BOOTSTRAP_TOKEN_NAME);
    await this.#store.replace(newRow(BOOTSTRAP_TOKEN_NAME, secret, null));
    if (before) this.#forget(before.id);
    this.#log.info(before ? "The bootstrap token was replaced by a new one" : "The bootstrap token was stored");
    return true;
  }

  /** Makes a token when there is none at all, so that a fresh hub can be used. */
  async createFirst(): Promise<string | undefined> {
    if ((await this.#store.list()).length > 0) return undefined;
    return (await this.create({ name: FIRST_TOKEN_NAME })).secret;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writeLastUsed();
  }

  async #find(hash: string): Promise<KnownToken | undefined> {
    for (;;) {
      const known = this.#cache.get(hash);
      if (known) return known;
      const changes = this.#changes;
      const row = await this.#store.byHash(hash);
      if (!row) return undefined;
      // What was read before a token was revoked, or rights changed, is old.
      if (changes === this.#changes) return { row, caller: this.#callerOf(row) };
    }
  }

  #callerOf(row: ApiTokenRow): Caller {
    const grants = parseGrants(row.grants);
    return {
      kind: "token",
      id: String(row.id),
      name: row.name,
      personId: row.owner_id,
      grants: grants ? this.#access.resolve(grants) : EVERYTHING,
      ...(row.owner_id === null ? {} : { limits: this.#access.grantsOf(row.owner_id) }),
      expiresAt: row.expires_at,
    };
  }

  /** What the new token may do, as it is stored. */
  #grantsOf({ grants }: CreateApiToken, creator: Caller | undefined): string | null {
    if (grants === undefined) {
      // A person's token follows its owner's rights; one that a narrow token makes must not be wider.
      const inherits = creator === undefined || creator.kind === "person" || creator.grants === EVERYTHING;
      return inherits ? null : JSON.stringify(creator.grants.map(grantInput));
    }
    if (creator) this.#access.refuseMoreThan(creator, grants);
    return JSON.stringify(grants);
  }

  #remember(known: KnownToken): void {
    const { hash } = known.row;
    // Least recently used first.
    this.#cache.delete(hash);
    this.#cache.set(hash, known);
    if (this.#cache.size <= MAX_CACHED_TOKENS) return;
    const oldest = this.#cache.keys().next();
    if (!oldest.done) this.#cache.delete(oldest.value);
  }

  #forget(id: number): void {
    this.#changes += 1;
    for (const [hash, { row }] of this.#cache) if (row.id === id) this.#cache.delete(hash);
    this.#used.delete(id);
    for (const listener of this.#revoked) listener(String(id));
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

function hasEnded({ expires_at: expiresAt }: ApiTokenRow): boolean {
  return expiresAt !== null && expiresAt <= Date.now();
}

function parseGrants(grants: string | null): GrantInput[] | undefined {
  return grants === null ? undefined : (JSON.parse(grants) as GrantInput[]);
}

function grantInput({ permissions, scope }: Grant): GrantInput {
  return { permissions: [...permissions], scope };
}

function newRow(name: string, secret: string, expiresAt: number | null): Omit<ApiTokenRow, "id"> {
  return {
    name,
    hash: hashOf(secret),
    created_at: Date.now(),
    expires_at: expiresAt,
    last_used_at: null,
    owner_id: null,
    grants: null,
  };
}

function tokenView(row: ApiTokenRow): ApiToken {
  const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  return {
    id: row.id,
    name: row.name,
    createdAt: new Date(row.created_at).toISOString(),
    expiresAt: time(row.expires_at),
    lastUsedAt: time(row.last_used_at),
    owner: row.owner_id,
    grants: parseGrants(row.grants) ?? null,
  };
}
