import type { IncomingMessage } from "node:http";
import { FairleadError } from "@fairlead/protocol";
import { addressKey } from "../../link/address-key.ts";
import { FailedDials } from "../../link/failed-dials.ts";
import { ADDRESS_HEADER } from "./address-header.ts";
import { type AttemptKey, AttemptLimits } from "./attempt-limits.ts";
import { AUTH_ENDPOINTS, type AuthPath, bodyFields, queryFields } from "./auth-endpoints.ts";
import { authFailure } from "./auth-failure.ts";
import type { KnownDevices } from "./known-devices.ts";
import type { LazyAuth } from "./lazy-auth.ts";
import type { OidcProvider } from "./oidc-provider.ts";
import { checkNewPassword } from "./password-rules.ts";
import { qrPicture } from "./qr-picture.ts";
import { hashSessionToken, type SessionCookie } from "./session-cookie.ts";
import type { Sessions } from "./sessions.ts";
import type { OwnedSession, PeopleStore } from "./store.ts";
import { UsedCodes } from "./used-codes.ts";

/** Wrong passwords that are free: a person mistypes, and tries the old one. */
const FREE_BY_ACCOUNT = 5;
/** An office shares an address. */
const FREE_BY_ADDRESS = 20;

/** Calls of one address without a session: each may leave a row for some minutes. */
const CALL_LIMITS = { failedDialBurst: 60, failedDialRefillMs: 1_000, maxFailedAddresses: 10_000 };

/** The longest there is (RFC 5321 4.5.3.1.3, less the brackets), and that a person here has: failures are kept by address. */
const MAX_EMAIL_LENGTH = 254;

/** More than one person has devices. */
const MAX_PASSKEYS = 50;

/** Headers of better-auth's answers that matter to a browser. */
const PASSED_ON = ["location"] as const;

export interface SignInParts {
  readonly store: PeopleStore;
  readonly sessions: Sessions;
  readonly cookie: SessionCookie;
  readonly devices: KnownDevices;
  readonly oidc: OidcProvider | undefined;
  readonly auth: LazyAuth;
  /** Origin at which people reach the hub. */
  readonly url: () => string;
  readonly addressOf: (request: IncomingMessage) => string;
}

/** A call of one of better-auth's endpoints. */
export interface SignInCall {
  readonly request: IncomingMessage;
  readonly path: AuthPath;
  /** As the request has it; only the query is taken from it. */
  readonly target: string;
  readonly body: unknown;
}

export interface SignInAnswer {
  /** Who has signed in by it, or was. */
  readonly person?: { readonly id: string; readonly email: string };
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly cookies: string[];
  readonly body: unknown;
}

/** Endpoints where something is guessed. */
const GUESSED: Readonly<Partial<Record<AuthPath, "password" | "code" | "passkey">>> = {
  "/sign-in/email": "password",
  "/two-factor/verify-totp": "code",
  "/two-factor/verify-backup-code": "code",
  "/passkey/verify-authentication": "passkey",
};

/** Where somebody who is signed in shows the password: whoever sits at an open session must not guess it there. */
const ASKS_PASSWORD: ReadonlySet<AuthPath> = new Set([
  "/change-password",
  "/two-factor/enable",
  "/two-factor/disable",
  "/two-factor/generate-backup-codes",
]);

/** Hands calls on to better-auth, with what it leaves to us: limits, idle sessions, password rules, roles of groups. */
export class SignIn {
  readonly #parts: SignInParts;
  readonly #attempts = new AttemptLimits();
  readonly #calls = new FailedDials(CALL_LIMITS);
  readonly #usedCodes = new UsedCodes();

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /** Counts a call of somebody without a session against the address. @throws FairleadError rate_limited. */
  countCall(request: IncomingMessage): void {
    const address = addressKey(this.#parts.addressOf(request));
    const waitMs = this.#calls.waitMs(address);
    if (waitMs > 0) {
      const retryAfterSeconds = Math.ceil(waitMs / 1000);
      throw new FairleadError(
        "rate_limited",
        `Too many calls came from ${address}. Try again in ${retryAfterSeconds} s.`,
        {
          details: { retryAfterSeconds },
        },
      );
    }
    this.#calls.add(address);
  }

  /** @throws FairleadError for whatever better-auth refuses, and rate_limited. */
  async call(call: SignInCall): Promise<SignInAnswer> {
    const { request, path } = call;
    const body = bodyFields(AUTH_ENDPOINTS[path], call.body);
    const session = await this.#parts.sessions.ofRequest(request);
    if (!session) this.countCall(request);
    if (path === "/sign-in/email") refuseLongEmail(body);
    if (path === "/change-password") await this.#checkNewPassword(session, body);
    if (path === "/passkey/generate-register-options" && session) await this.#checkRoom(session);
    const keys = this.#attemptKeys({ ...call, body }, session);
    this.#attempts.begin(keys);
    let response: Response;
    try {
      response = await this.#forward({ ...call, body }, session);
    } catch (error) {
      this.#attempts.takeBack(keys);
      throw error;
    }
    const answer: unknown = JSON.parse((await response.clone().text()) || "null");
    if (response.status >= 400) {
      // Only what was wrong counts, not a defect of ours.
      if (response.status >= 500) this.#attempts.takeBack(keys);
      else this.#attempts.failed(keys);
      throw authFailure(response.status, answer);
    }
    if (path === "/two-factor/verify-totp") await this.#refuseUsedCode(body, session, response);
    this.#attempts.succeeded(keys);
    const { user_id: id, email } = (await this.#newSession(response)) ?? session ?? {};
    const known = id === undefined || email === undefined ? {} : { person: { id, email } };
    return { ...(await this.#answer(path, request, response, answer)), ...known };
  }

  #attemptKeys({ request, path, body }: SignInCall, session: OwnedSession | undefined): AttemptKey[] {
    if (session && ASKS_PASSWORD.has(path)) {
      return [{ key: `password in a session of ${session.user_id}`, free: FREE_BY_ACCOUNT }];
    }
    const kind = GUESSED[path];
    if (kind === undefined) return [];
    const byAddress = { key: `${kind} from ${addressKey(this.#parts.addressOf(request))}`, free: FREE_BY_ADDRESS };
    if (kind !== "password") return [byAddress];
    const { email: given } = (body ?? {}) as { email?: unknown };
    const email = typeof given === "string" ? given.toLowerCase() : "";
    const device = this.#parts.devices.idOf(request, email);
    if (device !== undefined) return [{ key: `password on ${device}`, free: FREE_BY_ACCOUNT }];
    return [{ key: `password of ${email}`, free: FREE_BY_ACCOUNT }, byAddress];
  }

  async #refuseUsedCode(body: unknown, session: OwnedSession | undefined, response: Response): Promise<void> {
    const signedIn = await this.#newSession(response);
    const personId = signedIn?.user_id ?? session?.user_id;
    if (personId === undefined || this.#usedCodes.use(personId, String((body as { code?: unknown }).code))) return;
    if (signedIn) await this.#parts.sessions.end(signedIn);
    throw authFailure(401, { code: "INVALID_CODE" });
  }

  async #checkRoom({ user_id: personId }: OwnedSession): Promise<void> {
    if ((await this.#parts.store.passkeys(personId)).length < MAX_PASSKEYS) return;
    throw new FairleadError(
      "conflict",
      `You have ${MAX_PASSKEYS} passkeys, as many as there may be. Remove one first.`,
    );
  }

  async #checkNewPassword(session: OwnedSession | undefined, body: unknown): Promise<void> {
    if (!session) throw new FairleadError("unauthenticated", "Sign in first.");
    const person = await this.#parts.store.find(session.user_id);
    const { newPassword } = (body ?? {}) as { newPassword?: unknown };
    if (person) checkNewPassword(typeof newPassword === "string" ? newPassword : "", person, "newPassword");
  }

  async #forward(call: SignInCall, session: OwnedSession | undefined): Promise<Response> {
    const { request, path, body } = call;
    const endpoint = AUTH_ENDPOINTS[path];
    const url = this.#parts.url();
    const headers = new Headers({ [ADDRESS_HEADER]: this.#parts.addressOf(request), origin: url });
    const cookie = this.#cookiesFor(request, session);
    if (cookie !== "") headers.set("cookie", cookie);
    const agent = request.headers["user-agent"];
    if (agent !== undefined) headers.set("user-agent", agent);
    const hasBody = endpoint.method !== "GET";
    if (hasBody) headers.set("content-type", "application/json");
    const query = hasBody ? "" : queryFields(endpoint, call.target);
    const forwarded = new Request(`${url}/api/auth${path}${query}`, {
      method: endpoint.method,
      headers,
      ...(hasBody ? { body: JSON.stringify(body) } : {}),
    });
    const auth = await this.#parts.auth.get(path === "/sign-in/social" || path === "/callback/oidc");
    const { oidc } = this.#parts;
    if (!oidc || path !== "/callback/oidc") return await auth.handler(forwarded);
    const { result, claims } = await oidc.during(() => auth.handler(forwarded));
    const signedIn = claims && (await this.#newSession(result));
    if (claims && signedIn) {
      await oidc.mapRoles(signedIn.user_id, claims).catch(async (error: unknown) => {
        await this.#parts.sessions.end(signedIn);
        throw error;
      });
    }
    return result;
  }

  /** better-auth knows of no idle limit: a session that has ended must not come before it. */
  #cookiesFor(request: IncomingMessage, session: OwnedSession | undefined): string {
    const pairs = (request.headers.cookie ?? "").split(";").map((pair) => pair.trim());
    const name = this.#parts.cookie.name;
    return pairs.filter((pair) => pair !== "" && (session !== undefined || !pair.startsWith(`${name}=`))).join("; ");
  }

  async #newSession(response: Response): Promise<OwnedSession | undefined> {
    const { cookie, store } = this.#parts;
    const set = response.headers.getSetCookie().findLast((line) => line.startsWith(`${cookie.name}=`));
    const token = decodeURIComponent(set?.slice(cookie.name.length + 1).split(";", 1)[0] ?? "").split(".", 1)[0];
    return token ? await store.sessionByHash(hashSessionToken(token)) : undefined;
  }

  async #answer(path: AuthPath, request: IncomingMessage, response: Response, body: unknown): Promise<SignInAnswer> {
    const setCookies = response.headers.getSetCookie();
    if (GUESSED[path] !== undefined) {
      const session = await this.#newSession(response);
      if (session && this.#parts.devices.idOf(request, session.email) === undefined) {
        setCookies.push(this.#parts.devices.newCookie(session.email));
      }
    }
    const headers: Record<string, string> = {};
    for (const name of PASSED_ON) {
      const value = response.headers.get(name);
      if (value !== null) headers[name] = value;
    }
    return { status: response.status, headers, cookies: setCookies, body: shown(path, body) };
  }
}

/** Before anything is kept by it. */
function refuseLongEmail({ email }: Record<string, unknown>): void {
  if (typeof email === "string" && email.length > MAX_EMAIL_LENGTH) throw authFailure(400, { code: "INVALID_EMAIL" });
}

/** What scripts of a page may see: session tokens are for the cookie alone. */
function shown(path: AuthPath, body: unknown): unknown {
  if (typeof body !== "object" || body === null) return body;
  const { token: _token, session: _session, ...rest } = body as Record<string, unknown>;
  // Asked of the device already; without it the passkey is refused.
  if (path === "/passkey/generate-authenticate-options") return { ...rest, userVerification: "required" };
  const uri = rest["totpURI"];
  return path === "/two-factor/enable" && typeof uri === "string" ? { ...rest, totpPicture: qrPicture(uri) } : rest;
}
