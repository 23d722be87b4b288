import type { IncomingMessage } from "node:http";
import type { Logger } from "pino";
import type { Database } from "../../database/schema.ts";
import type { SecretBox } from "../../database/sealed.ts";
import { DeviceLogins } from "../device-logins.ts";
import { DeviceLoginStore } from "../device-login-store.ts";
import type { ApiTokens } from "../service.ts";
import { checkOrigin } from "./check-origin.ts";
import { Expiry } from "./expiry.ts";
import { KnownDevices } from "./known-devices.ts";
import { LazyAuth } from "./lazy-auth.ts";
import type { OidcConfig } from "./oidc-config.ts";
import { OidcProvider } from "./oidc-provider.ts";
import { OneTimeLinks } from "./one-time-links.ts";
import { OneTimeLinkStore } from "./one-time-link-store.ts";
import { People, type PersonCaller } from "./people.ts";
import type { PersonRoles } from "./person-roles.ts";
import { SessionCookie } from "./session-cookie.ts";
import { type SessionEnded, Sessions } from "./sessions.ts";
import { SignIn } from "./sign-in.ts";
import { PeopleStore } from "./store.ts";

export interface PeopleDomainOptions {
  readonly db: Database;
  readonly secrets: SecretBox;
  readonly roles: PersonRoles;
  /** People's own API tokens: device login makes them, and they end with the person. */
  readonly tokens: Pick<ApiTokens, "create" | "revokeAllOf">;
  /** Origin at which people reach the hub; asked for when it is needed, since a port may be chosen at listening. */
  readonly url: () => string;
  readonly oidc: OidcConfig | undefined;
  readonly addressOf: (request: IncomingMessage) => string;
  readonly log: Logger;
}

/** Everything about people, joined. */
export interface PeopleDomain {
  readonly people: People;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly devices: DeviceLogins;
  readonly links: OneTimeLinks;
  readonly oidc: OidcConfig | undefined;
  /** Who a request's cookie stands for, of a page of this hub. @throws FairleadError forbidden for another site's request. */
  authenticateSession(request: IncomingMessage): Promise<PersonCaller | undefined>;
  /** @throws FairleadError forbidden for another site's request. */
  checkOrigin(this: void, request: IncomingMessage): void;
  stop(): Promise<void>;
}

export function createPeople(options: PeopleDomainOptions): PeopleDomain {
  const { db, secrets, roles, tokens, url, log } = options;
  const store = new PeopleStore(db);
  const isSecure = (): boolean => url().startsWith("https:");
  const secret = secrets.derive("sign-in");
  const cookie = new SessionCookie(secret, isSecure);
  const sessions = new Sessions({ store, cookie });
  const links = new OneTimeLinks(new OneTimeLinkStore(db));
  const people = new People({ store, sessions, links, roles, endTokens: (id) => tokens.revokeAllOf(id), url, log });
  roles.onChange((personId) => {
    people.rightsChanged(personId).catch((error: unknown) => {
      log.error({ err: error, personId }, "Password links from before a change of rights could not be removed");
    });
  });
  const oidc = options.oidc && new OidcProvider(options.oidc, { roles, log });
  const auth = new LazyAuth(() => {
    const onSessionEnded: SessionEnded = (...ended) => sessions.ended(...ended);
    const isDisabled = (personId: string): Promise<boolean> => people.isDisabled(personId);
    const onSessionStarted = (personId: string): Promise<void> => sessions.started(personId);
    return { db, secret, url: url(), oidc, isDisabled, onSessionStarted, onSessionEnded, log };
  }, log);
  const signIn = new SignIn({
    store,
    sessions,
    cookie,
    devices: new KnownDevices(secrets.derive("known-devices"), isSecure),
    oidc,
    auth,
    url,
    addressOf: options.addressOf,
  });
  const devices = new DeviceLogins({
    store: new DeviceLoginStore(db),
    makeToken: async (personId, name) => (await tokens.create({ name }, await people.asCaller(personId))).secret,
    emailOf: async (personId) => {
      const person = await store.find(personId);
      return person?.disabled_at === null ? person.email : undefined;
    },
    url,
  });
  const expiry = new Expiry(
    [
      (now) => sessions.sweep(now),
      (now) => store.removeExpiredVerifications(now),
      (now) => links.removeExpired(now),
      (now) => devices.removeExpired(now),
    ],
    log,
  );
  const check = (request: IncomingMessage): void => checkOrigin(request, [url()]);
  return {
    people,
    sessions,
    signIn,
    devices,
    links,
    oidc: options.oidc,
    checkOrigin: check,
    async authenticateSession(request) {
      const caller = await people.authenticateSession(request);
      if (caller) check(request);
      return caller;
    },
    stop: () => expiry.stop(),
  };
}
