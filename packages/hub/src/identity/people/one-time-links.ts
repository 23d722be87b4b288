import { hash, randomBytes } from "node:crypto";
import type { OneTimeLinkRow, OneTimeLinkStore } from "./one-time-link-store.ts";
import type { HeldRole } from "./person-roles.ts";

const SECRET_BYTES = 32;
/** A day is enough to read a log or a message. */
const FIRST_ADMIN_MS = 24 * 3_600_000;
const PASSWORD_MS = 24 * 3_600_000;
/** Somebody may be away over the weekend. */
const INVITATION_MS = 7 * 24 * 3_600_000;

/** What a link is for. */
export type LinkPurpose =
  | { readonly kind: "first-admin" }
  | {
      readonly kind: "invitation";
      readonly email: string;
      readonly name: string | null;
      readonly roles: readonly HeldRole[];
    }
  | { readonly kind: "password"; readonly personId: string };

export interface NewLink {
  readonly id: number;
  /** 256 random bits, base64url; only its hash is kept. */
  readonly secret: string;
  readonly expiresAt: number;
}

/** Links that let whoever has them in, once. */
export class OneTimeLinks {
  readonly #store: OneTimeLinkStore;

  constructor(store: OneTimeLinkStore) {
    this.#store = store;
  }

  /** Earlier links for the same thing are worth nothing from now on. */
  async make(purpose: LinkPurpose, now: number = Date.now()): Promise<NewLink> {
    const secret = randomBytes(SECRET_BYTES).toString("base64url");
    const expiresAt = now + lifeMs(purpose.kind);
    const row = await this.#store.replace({
      kind: purpose.kind,
      hash: hash("sha256", secret),
      email: purpose.kind === "invitation" ? purpose.email.toLowerCase() : null,
      name: purpose.kind === "invitation" ? purpose.name : null,
      roles: purpose.kind === "invitation" ? JSON.stringify(purpose.roles) : null,
      person_id: purpose.kind === "password" ? purpose.personId : null,
      created_at: now,
      expires_at: expiresAt,
    });
    return { id: row.id, secret, expiresAt };
  }

  /** Undefined when there is no such link, or it has ended. */
  async find(secret: string, now: number = Date.now()): Promise<OneTimeLinkRow | undefined> {
    const row = await this.#store.byHash(hash("sha256", secret));
    return row && row.expires_at > now ? row : undefined;
  }

  /** Of several that use a link at the same time one gets true. */
  async use(link: OneTimeLinkRow): Promise<boolean> {
    return await this.#store.remove(link.id);
  }

  /** Gives a link back that could not be used after all. */
  async giveBack(link: OneTimeLinkRow): Promise<void> {
    const { id: _id, ...row } = link;
    await this.#store.replace(row);
  }

  invitations(now: number = Date.now()): Promise<OneTimeLinkRow[]> {
    return this.#store.list("invitation", now);
  }

  /** False when there is none. */
  removeInvitation(id: number): Promise<boolean> {
    return this.#store.remove(id, "invitation");
  }

  /** Of one person, or, with undefined, of everybody. */
  removePasswordLinks(personId: string | undefined): Promise<void> {
    return this.#store.removePasswordLinks(personId);
  }

  removeExpired(now: number = Date.now()): Promise<void> {
    return this.#store.removeExpired(now);
  }
}

function lifeMs(kind: LinkPurpose["kind"]): number {
  return { "first-admin": FIRST_ADMIN_MS, invitation: INVITATION_MS, password: PASSWORD_MS }[kind];
}
