import type { IncomingMessage } from "node:http";
import type { PersonSession } from "@fairlead/protocol/rest";
import type { Logger } from "pino";
import type { SessionCookie } from "./session-cookie.ts";
import type { OwnedSession, PeopleStore, SessionRow } from "./store.ts";

/** A working day: a browser left open overnight has to sign in again. */
export const IDLE_LIMIT_MS = 12 * 3_600_000;
/** However busy a session is, the person shows once a week who they are. */
export const ABSOLUTE_LIMIT_MS = 7 * 24 * 3_600_000;

/** The idle limit needs no more exactness, and one write a minute costs nothing. */
const TOUCH_INTERVAL_MS = 60_000;

/** Live connections of a session that ended by itself are cut within this. */
const SWEEP_INTERVAL_MS = 60_000;

export type SessionEnded = (sessionId: string, personId: string) => void;

/** People's sessions: found by cookie, ended by their limits or by somebody. better-auth makes them. */
export class Sessions {
  readonly #store: PeopleStore;
  readonly #cookie: SessionCookie;
  readonly #listeners: SessionEnded[] = [];
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #sweeping = Promise.resolve();

  constructor(parts: { store: PeopleStore; cookie: SessionCookie; log: Logger }) {
    this.#store = parts.store;
    this.#cookie = parts.cookie;
    this.#log = parts.log;
    this.#timer = setInterval(() => (this.#sweeping = this.#sweepQuietly()), SWEEP_INTERVAL_MS).unref();
  }

  /** Told of every session that ends, for its live connections to end too. */
  onEnded(listener: SessionEnded): void {
    this.#listeners.push(listener);
  }

  /** The live session of a request; it counts as used now. */
  async ofRequest(request: IncomingMessage, now: number = Date.now()): Promise<OwnedSession | undefined> {
    const hash = this.#cookie.tokenHash(request);
    const session = hash === undefined ? undefined : await this.#store.sessionByHash(hash);
    if (!session) return undefined;
    if (expiresAt(session) <= now || seenAt(session) + IDLE_LIMIT_MS <= now || session.disabled_at !== null) {
      await this.end(session);
      return undefined;
    }
    if (now - seenAt(session) >= TOUCH_INTERVAL_MS || session.last_seen_at === null) {
      await this.#store.touchSession(session.id, now);
    }
    return session;
  }

  async list(personId: string, currentId?: string): Promise<PersonSession[]> {
    const sessions = await this.#store.sessionsOf(personId);
    return sessions.map((session) => sessionView(session, currentId));
  }

  /** False when the person has no such session. */
  async endOne(personId: string, sessionId: string): Promise<boolean> {
    const session = (await this.#store.sessionsOf(personId)).find(({ id }) => id === sessionId);
    return session !== undefined && (await this.end(session));
  }

  /** Signs a person out everywhere. */
  async endAll(personId: string, exceptId?: string): Promise<void> {
    for (const session of await this.#store.sessionsOf(personId)) if (session.id !== exceptId) await this.end(session);
  }

  /** @returns False when it had ended before. */
  async end(session: SessionRow): Promise<boolean> {
    const ended = await this.#store.removeSession(session.id);
    if (ended) this.ended(session.id, session.user_id);
    return ended;
  }

  /** better-auth has ended one. */
  ended(sessionId: string, personId: string): void {
    for (const listener of this.#listeners) listener(sessionId, personId);
  }

  /** Ends what is over its limits. */
  async sweep(now: number = Date.now()): Promise<void> {
    for (const session of await this.#store.endedSessions(now, now - IDLE_LIMIT_MS)) await this.end(session);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  async #sweepQuietly(): Promise<void> {
    try {
      await this.sweep();
      await this.#store.removeExpiredVerifications(Date.now());
    } catch (error) {
      this.#log.warn({ err: error }, "Sessions over their limits could not be ended; tried again in a minute");
    }
  }
}

function expiresAt(session: SessionRow): number {
  return Date.parse(session.expires_at);
}

function seenAt(session: SessionRow): number {
  return session.last_seen_at ?? Date.parse(session.created_at);
}

function sessionView(session: SessionRow, currentId: string | undefined): PersonSession {
  return {
    id: session.id,
    current: session.id === currentId,
    address: session.ip_address || null,
    userAgent: session.user_agent || null,
    createdAt: session.created_at,
    lastSeenAt: new Date(seenAt(session)).toISOString(),
    expiresAt: new Date(Math.min(expiresAt(session), seenAt(session) + IDLE_LIMIT_MS)).toISOString(),
  };
}
