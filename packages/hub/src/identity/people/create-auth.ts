/**
 * better-auth as this hub uses it. Loading it takes some 70 MB and a good part of a second, so this file is imported when
 * somebody first signs in, and never by a hub that programs alone use.
 */
import { passkey } from "@better-auth/passkey";
import { APIError } from "better-auth/api";
import { type BetterAuthOptions, betterAuth } from "better-auth/minimal";
import { kyselyAdapter } from "@better-auth/kysely-adapter";
import { genericOAuth } from "better-auth/plugins/generic-oauth";
import { twoFactor } from "better-auth/plugins/two-factor";
import type { Logger } from "pino";
import type { Database } from "../../database/schema.ts";
import { camelCased } from "../../database/camel-cased.ts";
import { hashSessionTokens } from "./hashed-session-tokens.ts";
import { OIDC_PROVIDER, type OidcProvider } from "./oidc-provider.ts";
import { hashPassword, verifyPassword } from "./password-hash.ts";
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from "./password-rules.ts";
import { ADDRESS_HEADER } from "./address-header.ts";
import { cookiePrefix } from "./session-cookie.ts";
import { ABSOLUTE_LIMIT_MS, type SessionEnded } from "./sessions.ts";

/** A stolen open session does not get itself a passkey: who adds one has signed in within this. */
const FRESH_SECONDS = 3_600;

/** A second factor is asked for within this. */
const CHALLENGE_SECONDS = 600;

/** Codes guessed wrong in a row before an account's second factor is locked, and for how long (NIST SP 800-63B 5.2.2). */
const SECOND_FACTOR_LOCK = { enabled: true, maxFailedAttempts: 10, durationSeconds: 900 };

export interface AuthOptions {
  readonly db: Database;
  readonly secret: string;
  /** Origin at which people reach the hub. */
  readonly url: string;
  readonly oidc: OidcProvider | undefined;
  readonly isDisabled: (personId: string) => Promise<boolean>;
  readonly onSessionStarted: (personId: string) => Promise<void>;
  readonly onSessionEnded: SessionEnded;
  readonly log: Logger;
}

/** What the hub uses of better-auth. */
export interface Auth {
  handler(request: Request): Promise<Response>;
}

export async function createAuth(options: AuthOptions): Promise<Auth> {
  const { db, secret, url, oidc, log } = options;
  const isSecure = url.startsWith("https:");
  const adapter = kyselyAdapter(camelCased(db), { type: "sqlite", transaction: false });
  const auth = betterAuth({
    appName: "Fairlead",
    baseURL: url,
    basePath: "/api/auth",
    secret,
    trustedOrigins: [url],
    database: (given: BetterAuthOptions) => hashSessionTokens(adapter(given)),
    telemetry: { enabled: false },
    // Ours count by account too, and take the address from where the hub is told to.
    rateLimit: { enabled: false },
    logger: {
      log: (level, message) => log[level === "error" ? "warn" : "debug"]({ from: "better-auth" }, message),
    },
    onAPIError: { errorURL: `${url}/sign-in` },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: MIN_PASSWORD_LENGTH,
      maxPasswordLength: MAX_PASSWORD_LENGTH,
      password: { hash: hashPassword, verify: ({ password, hash }) => verifyPassword(password, hash) },
    },
    user: { modelName: "people" },
    session: {
      modelName: "sessions",
      expiresIn: ABSOLUTE_LIMIT_MS / 1000,
      disableSessionRefresh: true,
      freshAge: FRESH_SECONDS,
    },
    verification: { modelName: "verifications" },
    account: {
      modelName: "personAccounts",
      // An account at the provider is a person of its own: an address proves nothing.
      accountLinking: { enabled: false, disableImplicitLinking: true },
      updateAccountOnSignIn: false,
    },
    advanced: {
      cookiePrefix: cookiePrefix(isSecure),
      // The prefix would be __Secure-; ours is the stricter one.
      useSecureCookies: false,
      defaultCookieAttributes: { secure: isSecure, httpOnly: true, sameSite: "lax", path: "/" },
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
    },
    databaseHooks: {
      session: {
        create: {
          before: async ({ userId }) => {
            if (!(await options.isDisabled(userId))) return;
            throw new APIError("FORBIDDEN", { code: "PERSON_DISABLED", message: "This person may not sign in." });
          },
          after: ({ userId }) => options.onSessionStarted(userId),
        },
        delete: { after: async ({ id, userId }) => options.onSessionEnded(id, userId) },
      },
      account: {
        create: {
          // The hub never calls the provider for the person: tokens would only be there to be stolen.
          before: async (account) => ({
            data: { ...account, accessToken: null, refreshToken: null, idToken: null },
          }),
        },
      },
    },
    plugins: [
      twoFactor({
        issuer: "Fairlead",
        twoFactorTable: "twoFactors",
        twoFactorCookieMaxAge: CHALLENGE_SECONDS,
        accountLockout: SECOND_FACTOR_LOCK,
        backupCodeOptions: { storeBackupCodes: "encrypted" },
      }),
      passkey({
        rpName: "Fairlead",
        rpID: new URL(url).hostname,
        origin: url,
        // better-auth would take one that did not ask who is there, which is no more than a key that somebody found.
        registration: {
          afterVerification: ({ verification }) => requireUserVerified(verification.registrationInfo?.userVerified),
        },
        authentication: {
          afterVerification: ({ verification }) => requireUserVerified(verification.authenticationInfo.userVerified),
        },
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        schema: { passkey: { modelName: "passkeys", fields: { credentialID: "credentialId" } } },
      }),
      ...(oidc ? [genericOAuth({ config: [oidcPlugin(oidc)] })] : []),
    ],
  });
  await auth.$context;
  return auth;
}

/** A passkey takes the place of password and code: the device must have checked who holds it. */
function requireUserVerified(isVerified: boolean | undefined): void {
  if (isVerified !== true) {
    throw new APIError("UNAUTHORIZED", {
      code: "PERSON_NOT_VERIFIED",
      message: "The device did not check who holds it.",
    });
  }
}

function oidcPlugin(provider: OidcProvider) {
  const { config } = provider;
  return {
    providerId: OIDC_PROVIDER,
    name: config.name,
    discoveryUrl: provider.discoveryUrl,
    clientId: config.clientId,
    ...(config.clientSecret === undefined ? {} : { clientSecret: config.clientSecret }),
    scopes: [...config.scopes],
    pkce: true,
    requireIdTokenVerification: true,
    accountSubject: ({ profile }: { profile: Record<string, unknown> }) => provider.subject(profile),
    getUserInfo: (tokens: { idToken?: string | undefined; accessToken?: string | undefined }) =>
      provider.userInfo(tokens),
  };
}
