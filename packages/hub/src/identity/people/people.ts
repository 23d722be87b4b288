import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { FairleadError } from "@fairlead/protocol";
import type {
  AcceptLink,
  CreatedLink,
  CreateFirstAdmin,
  Invitation,
  InvitePerson,
  Link,
  Passkey,
  Person,
  UpdatePerson,
} from "@fairlead/protocol/rest";
import type { Logger } from "pino";
import type { Caller } from "../../access/caller.ts";
import type { LinkPurpose, OneTimeLinks } from "./one-time-links.ts";
import type { OneTimeLinkRow } from "./one-time-link-store.ts";
import { hashPassword } from "./password-hash.ts";
import { checkNewPassword } from "./password-rules.ts";
import { ADMIN_ROLE, heldEverywhere, type HeldRole, type PersonRoles } from "./person-roles.ts";
import type { Sessions } from "./sessions.ts";
import { PASSWORD_PROVIDER, type PeopleStore, type PersonOverview } from "./store.ts";

export interface PeopleParts {
  readonly store: PeopleStore;
  readonly sessions: Sessions;
  readonly links: OneTimeLinks;
  readonly roles: PersonRoles;
  /** Ends all API tokens of a person. */
  readonly endTokens: (personId: string) => Promise<void>;
  /** Origin at which people reach the hub. */
  readonly url: () => string;
  readonly log: Logger;
}

/** A person who makes a request, with the session they make it in. */
export interface PersonCaller extends Caller {
  readonly kind: "person";
  readonly personId: string;
  readonly sessionId: string;
}

/** Who may use this hub, and how they come in. */
export class People {
  readonly #parts: PeopleParts;

  constructor(parts: PeopleParts) {
    this.#parts = parts;
  }

  /** Who a request's session cookie stands for; undefined without a live session. */
  async authenticateSession(request: IncomingMessage): Promise<PersonCaller | undefined> {
    const { sessions, roles } = this.#parts;
    const session = await sessions.ofRequest(request);
    if (!session) return undefined;
    return {
      kind: "person",
      id: session.user_id,
      name: session.email,
      personId: session.user_id,
      sessionId: session.id,
      grants: roles.grantsOf(session.user_id),
      expiresAt: Date.parse(session.expires_at),
    };
  }

  /** A person as the maker of something of theirs, outside any session. @throws FairleadError not_found. */
  async asCaller(personId: string): Promise<Caller> {
    const { id, email } = await this.#person(personId);
    return { kind: "person", id, name: email, personId: id, grants: this.#parts.roles.grantsOf(id), expiresAt: null };
  }

  /**
   * A link that makes the first admin, while nobody is one: a provider may have let people in before. Earlier links are worth
   * nothing from then on.
   */
  async firstAdminLink(): Promise<CreatedLink | undefined> {
    if (await this.#hasAdmin()) return undefined;
    const { secret, expiresAt } = await this.#parts.links.make({ kind: "first-admin" });
    return this.#linkView("/first-admin", secret, expiresAt);
  }

  /** @throws FairleadError forbidden for a link that has ended, bad_request for the password. */
  async createFirstAdmin({ token, name, email, password }: CreateFirstAdmin): Promise<void> {
    const link = await this.#link(token, ["first-admin"]);
    checkNewPassword(password, { email, name });
    const passwordHash = await hashPassword(password);
    await this.#use(link, async () => {
      if (await this.#hasAdmin()) throw linkEnded();
      await this.#insert({ email, name, passwordHash, roles: heldEverywhere([ADMIN_ROLE]) });
    });
    this.#parts.log.info({ email }, "The first admin was made");
  }

  async #hasAdmin(): Promise<boolean> {
    const { store, roles } = this.#parts;
    return (await store.list()).some(
      ({ id, disabled_at: disabledAt }) =>
        disabledAt === null &&
        roles.bindingsOf(id).some(({ role, scope }) => role === ADMIN_ROLE && scope.type === "all"),
    );
  }

  /**
   * @param by Who invites: nobody gives more than their own rights.
   * @throws FairleadError conflict when there is such a person, bad_request for an unknown role, forbidden.
   */
  async invite({ email, name, roles = [] }: InvitePerson, by: Caller): Promise<CreatedLink> {
    if (await this.#parts.store.find(email)) {
      throw new FairleadError("conflict", `There is a person with the e-mail address ${email} already.`, {
        details: { field: "email" },
      });
    }
    this.#parts.roles.refuseMoreThan(by, roles);
    return await this.#makeLink("/invitation", { kind: "invitation", email, name: name ?? null, roles });
  }

  async invitations(): Promise<Invitation[]> {
    return (await this.#parts.links.invitations()).map((link) => ({
      id: link.id,
      email: link.email ?? "",
      name: link.name,
      roles: rolesOf(link),
      createdAt: new Date(link.created_at).toISOString(),
      expiresAt: new Date(link.expires_at).toISOString(),
    }));
  }

  /** @throws FairleadError not_found. */
  async removeInvitation(id: number): Promise<void> {
    if (await this.#parts.links.removeInvitation(id)) return;
    throw new FairleadError("not_found", `There is no invitation with the id ${id}.`);
  }

  /** A link with which somebody who forgot the password gives a new one, until their rights change. @throws FairleadError not_found, forbidden. */
  async passwordLink(idOrEmail: string, by: Caller): Promise<CreatedLink> {
    const { id } = await this.#managed(idOrEmail, by);
    return await this.#makeLink("/invitation", { kind: "password", personId: id });
  }

  /** What a link is for. @throws FairleadError forbidden for one that has ended. */
  async showLink(token: string): Promise<Link> {
    const link = await this.#link(token, ["invitation", "password"]);
    if (link.kind === "invitation") return { kind: "invitation", email: link.email ?? "", name: link.name ?? "" };
    const { email, name } = await this.#person(link.person_id ?? "");
    return { kind: "password", email, name };
  }

  /** Makes the invited person, or gives a new password. @returns The e-mail address to sign in with. */
  async acceptLink({ token, name, password }: AcceptLink): Promise<string> {
    const link = await this.#link(token, ["invitation", "password"]);
    if (link.kind === "password") return await this.#setPassword(link, password);
    const person = { email: link.email ?? "", name: name ?? link.name ?? link.email ?? "" };
    checkNewPassword(password, person);
    const passwordHash = await hashPassword(password);
    await this.#use(link, () => this.#insert({ ...person, passwordHash, roles: rolesOf(link) }));
    this.#parts.log.info({ email: person.email }, "An invited person came in");
    return person.email;
  }

  async list(): Promise<Person[]> {
    return (await this.#parts.store.list()).map(personView);
  }

  /** By id or e-mail address. @throws FairleadError not_found. */
  async get(idOrEmail: string): Promise<Person> {
    return personView(await this.#person(idOrEmail));
  }

  /** Somebody who is disabled is signed out everywhere and loses all API tokens. @throws FairleadError not_found, forbidden, bad_request for oneself. */
  async update(idOrEmail: string, { name, disabled }: UpdatePerson, by: Caller): Promise<Person> {
    const { id, disabled_at: disabledAt } = await this.#managed(idOrEmail, by);
    if (disabled === true) refuseOneself(id, by, "disable");
    await this.#parts.store.update(id, {
      ...(name === undefined ? {} : { name }),
      ...(disabled === undefined ? {} : { disabled_at: disabled ? (disabledAt ?? Date.now()) : null }),
    });
    if (disabled === true) await this.#end(id);
    return await this.get(id);
  }

  /** @throws FairleadError not_found, forbidden, bad_request for oneself. */
  async remove(idOrEmail: string, by: Caller): Promise<void> {
    const { id } = await this.#managed(idOrEmail, by);
    refuseOneself(id, by, "remove");
    await this.#end(id);
    await this.#parts.store.remove(id);
    await this.#parts.roles.removePerson(id);
  }

  /** The roles that somebody gave this person; those of a provider's groups come with each sign-in. @throws FairleadError not_found. */
  async roles(idOrEmail: string): Promise<HeldRole[]> {
    const { id } = await this.#person(idOrEmail);
    return this.#parts.roles.bindingsOf(id, "given");
  }

  /**
   * Puts these in the place of the roles that somebody gave.
   *
   * @throws FairleadError not_found, bad_request for an unknown role or oneself, forbidden for more than one's own rights.
   */
  async setRoles(idOrEmail: string, roles: HeldRole[], by: Caller): Promise<HeldRole[]> {
    const { id } = await this.#managed(idOrEmail, by);
    refuseOneself(id, by, "change the roles of");
    await this.#parts.roles.bind(by, id, roles);
    return this.#parts.roles.bindingsOf(id, "given");
  }

  /** Takes password links back: who made one may have fewer rights by now than the person, or, with undefined, than anybody. */
  async rightsChanged(personId: string | undefined): Promise<void> {
    await this.#parts.links.removePasswordLinks(personId);
  }

  /** @throws FairleadError not_found, forbidden. */
  async signOutEverywhere(idOrEmail: string, by: Caller): Promise<void> {
    const { id } = await this.#managed(idOrEmail, by);
    await this.#parts.sessions.endAll(id);
  }

  /** For somebody who lost the phone: TOTP, recovery codes and passkeys go, and all sessions end. @throws FairleadError not_found, forbidden. */
  async resetSecondFactors(idOrEmail: string, by: Caller): Promise<void> {
    const { id } = await this.#managed(idOrEmail, by);
    await this.#parts.store.removeSecondFactors(id);
    await this.#parts.sessions.endAll(id);
  }

  async passkeys(personId: string): Promise<Passkey[]> {
    return (await this.#parts.store.passkeys(personId)).map(({ id, name, created_at: createdAt }) => ({
      id,
      name: name ?? "Passkey",
      createdAt,
    }));
  }

  async isDisabled(personId: string): Promise<boolean> {
    return ((await this.#parts.store.find(personId))?.disabled_at ?? null) !== null;
  }

  async #end(personId: string): Promise<void> {
    await this.#parts.sessions.endAll(personId);
    await this.#parts.endTokens(personId);
  }

  async #setPassword(link: OneTimeLinkRow, password: string): Promise<string> {
    const person = await this.#person(link.person_id ?? "");
    checkNewPassword(password, person);
    const passwordHash = await hashPassword(password);
    await this.#use(link, async () => {
      await this.#parts.store.setPassword(person.id, passwordHash);
      await this.#parts.sessions.endAll(person.id);
    });
    return person.email;
  }

  async #insert(person: { email: string; name: string; passwordHash: string; roles: HeldRole[] }): Promise<void> {
    const { roles, ...rest } = person;
    const id = randomUUID();
    await this.#parts.store.insert({ id, ...rest });
    await this.#parts.roles.bind(undefined, id, roles);
  }

  async #makeLink(path: string, purpose: LinkPurpose): Promise<CreatedLink> {
    const { secret, expiresAt } = await this.#parts.links.make(purpose);
    return this.#linkView(path, secret, expiresAt);
  }

  /** The secret stands after the #, which browsers send to nobody. */
  #linkView(path: string, secret: string, expiresAt: number): CreatedLink {
    return { url: `${this.#parts.url()}${path}#${secret}`, expiresAt: new Date(expiresAt).toISOString() };
  }

  async #link(token: string, kinds: readonly OneTimeLinkRow["kind"][]): Promise<OneTimeLinkRow> {
    const link = await this.#parts.links.find(token);
    if (!link || !kinds.includes(link.kind)) throw linkEnded();
    return link;
  }

  /** A link is used up first, so that it lets one in however many try at once; what fails gives it back. */
  async #use(link: OneTimeLinkRow, task: () => Promise<void>): Promise<void> {
    if (!(await this.#parts.links.use(link))) throw linkEnded();
    try {
      await task();
    } catch (error) {
      await this.#parts.links.giveBack(link);
      throw error;
    }
  }

  /** Who manages people but has fewer rights than this one must not become this one. */
  async #managed(idOrEmail: string, by: Caller): Promise<PersonOverview> {
    const person = await this.#person(idOrEmail);
    this.#parts.roles.refuseMoreThan(by, this.#parts.roles.bindingsOf(person.id));
    return person;
  }

  async #person(idOrEmail: string): Promise<PersonOverview> {
    const person = await this.#parts.store.find(idOrEmail);
    if (person) return person;
    throw new FairleadError("not_found", `There is no person with the id or e-mail address ${idOrEmail}.`);
  }
}

function linkEnded(): FairleadError {
  return new FairleadError(
    "forbidden",
    "This link was used already, has ended, or was replaced by a newer one. Ask for a new one; the first admin's is in what the hub prints at its start.",
  );
}

function refuseOneself(personId: string, by: Caller, what: string): void {
  if (by.personId !== personId) return;
  throw new FairleadError("bad_request", `You cannot ${what} yourself. Ask somebody else who manages people.`);
}

function rolesOf(link: OneTimeLinkRow): HeldRole[] {
  return link.roles === null ? [] : (JSON.parse(link.roles) as HeldRole[]);
}

function personView(person: PersonOverview): Person {
  return {
    id: person.id,
    name: person.name,
    email: person.email,
    disabled: person.disabled_at !== null,
    twoFactor: person.two_factor_enabled === 1,
    passkeys: person.passkeys,
    signIn: [...new Set(person.providers.map((id) => (id === PASSWORD_PROVIDER ? "password" : "oidc") as "password"))],
    createdAt: person.created_at,
    lastSeenAt: person.lastSeenAt === null ? null : new Date(person.lastSeenAt).toISOString(),
  };
}
