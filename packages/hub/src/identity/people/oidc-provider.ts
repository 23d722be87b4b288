import { AsyncLocalStorage } from "node:async_hooks";
import type { Logger } from "pino";
import type { OidcConfig } from "./oidc-config.ts";
import { heldEverywhere, type PersonRoles } from "./person-roles.ts";

/** The provider's name in paths and in the database: there is one. */
export const OIDC_PROVIDER = "oidc";

/** A provider that does not answer must not hold a sign-in for ever. */
const PROVIDER_TIMEOUT_MS = 10_000;
/** Documents of a provider are a few KB. */
const MAX_DOCUMENT_BYTES = 262_144;

/** What a provider says of a person. */
export type Claims = Readonly<Record<string, unknown>> & { readonly sub: string };

/** Claims of the sign-in under way: better-auth has no place to hand them on. */
interface SignIn {
  claims?: Claims;
}

/** The provider's part of a sign-in: who the person is there, and what their groups are worth here. */
export class OidcProvider {
  readonly config: OidcConfig;
  readonly #roles: PersonRoles;
  readonly #log: Logger;
  readonly #signIns = new AsyncLocalStorage<SignIn>();
  #userInfoUrl: unknown;

  constructor(config: OidcConfig, parts: { roles: PersonRoles; log: Logger }) {
    this.config = config;
    this.#roles = parts.roles;
    this.#log = parts.log;
  }

  get discoveryUrl(): string {
    return `${this.config.issuer.replace(/\/+$/, "")}/.well-known/openid-configuration`;
  }

  /** False when the provider does not answer in time, or is another one than it should be (OpenID Connect Discovery 4.3). */
  async isReachable(): Promise<boolean> {
    try {
      const { issuer, userinfo_endpoint: userInfoUrl } = await fetchJson(this.discoveryUrl);
      if (String(issuer).replace(/\/+$/, "") !== this.config.issuer.replace(/\/+$/, "")) {
        throw new Error(`${this.discoveryUrl} is the discovery document of the issuer ${String(issuer)}`);
      }
      this.#userInfoUrl = userInfoUrl;
      return true;
    } catch (error) {
      this.#log.warn({ err: error }, "The OIDC provider cannot be used");
      return false;
    }
  }

  /** Who it is: the issuer and its name for the person, so that another provider under the same settings is nobody's account. */
  subject(profile: Readonly<Record<string, unknown>>): string {
    const { sub } = profile;
    if (typeof sub !== "string" || sub === "") throw new TypeError("The ID token has no subject");
    return `${this.config.issuer.replace(/\/+$/, "")}#${sub}`;
  }

  /** Runs a sign-in; what the provider said of the person comes back with its result. */
  async during<T>(signIn: () => Promise<T>): Promise<{ result: T; claims: Claims | undefined }> {
    const state: SignIn = {};
    const result = await this.#signIns.run(state, signIn);
    return { result, claims: state.claims };
  }

  /** The person's claims: the ID token's, which better-auth has verified, and what only the userinfo endpoint tells. */
  async userInfo(tokens: { idToken?: string | undefined; accessToken?: string | undefined }) {
    if (tokens.idToken === undefined) return null;
    const fromToken = payload(tokens.idToken);
    const isWhole = typeof fromToken["email"] === "string" && fromToken[this.config.groupsClaim] !== undefined;
    const more =
      isWhole || tokens.accessToken === undefined ? undefined : await this.#fetchUserInfo(tokens.accessToken);
    // OpenID Connect Core 5.3.2: of another subject it must not be used.
    const claims = { ...(more?.["sub"] === fromToken["sub"] ? more : {}), ...fromToken } as Claims;
    const state = this.#signIns.getStore();
    if (state) state.claims = claims;
    const email = typeof claims["email"] === "string" ? claims["email"] : null;
    return {
      ...claims,
      id: claims.sub,
      email,
      emailVerified: claims["email_verified"] === true,
      name: nameOf(claims) ?? email ?? claims.sub,
    };
  }

  /** Gives the roles of the person's groups, in the place of those that the groups, or an earlier mapping, gave before. Other roles stay. */
  async mapRoles(personId: string, claims: Claims): Promise<void> {
    const groups = new Set(groupsOf(claims[this.config.groupsClaim]));
    const known = new Set(this.#roles.roles().map(({ name }) => name));
    const mapped = this.config.roles.filter(({ group }) => groups.has(group)).map(({ role }) => role);
    const unknown = mapped.find((role) => !known.has(role));
    if (unknown !== undefined) {
      this.#log.warn({ role: unknown }, "FAIRLEAD_OIDC_ROLES names a role that does not exist; nobody gets it");
    }
    const granted = [...new Set(mapped)].filter((role) => known.has(role));
    await this.#roles.bind(undefined, personId, heldEverywhere(granted), "provider");
  }

  async #fetchUserInfo(accessToken: string): Promise<Record<string, unknown> | undefined> {
    try {
      if (typeof this.#userInfoUrl !== "string") return undefined;
      return await fetchJson(this.#userInfoUrl, { authorization: `Bearer ${accessToken}` });
    } catch (error) {
      this.#log.warn({ err: error }, "The OIDC provider's userinfo endpoint did not answer");
      return undefined;
    }
  }
}

async function fetchJson(url: string, headers: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const response = await fetch(url, { headers, redirect: "error", signal: AbortSignal.timeout(PROVIDER_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.length;
    if (bytes > MAX_DOCUMENT_BYTES) throw new Error(`${url} answered more than ${MAX_DOCUMENT_BYTES} bytes`);
    pieces.push(piece);
  }
  const document: unknown = JSON.parse(Buffer.concat(pieces).toString("utf8"));
  if (typeof document !== "object" || document === null) throw new Error(`${url} answered no JSON object`);
  return document as Record<string, unknown>;
}

function payload(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as Record<string, unknown>;
}

function nameOf(claims: Claims): string | undefined {
  const given = [claims["name"], claims["preferred_username"]];
  return given.find((name): name is string => typeof name === "string" && name !== "");
}

/** A list, or one text with blanks or commas between. */
function groupsOf(claim: unknown): string[] {
  if (typeof claim === "string") return claim.split(/[\s,]+/);
  return Array.isArray(claim) ? claim.filter((group) => typeof group === "string") : [];
}
