import type { EnvironmentPermission } from "@fairlead/protocol";
import type { EnvironmentRecord } from "../environments/record.ts";
import { type Caller, may, mayEverything, mayEverywhere } from "./caller.ts";

/** Something that goes on after its caller was let in: a call that is not answered yet, an upgraded connection, a terminal. */
export interface LiveConnection {
  readonly caller: Caller;
  /** Where it needs what: it ends when that no longer holds. Absent: it is not about one environment, or that is not known yet. */
  right?: { readonly permission: EnvironmentPermission; readonly environmentId: number };
  /** Ends it now, without an answer that could be taken for a whole one. */
  close(): void;
}

/** How soon after its time the connections of an expired token end, in milliseconds. */
const EXPIRY_CHECK_MS = 500;

/** Who is connected now, so that a right that ends ends what it let in. */
export class LiveConnections {
  readonly #open = new Set<LiveConnection>();
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#endExpired(), EXPIRY_CHECK_MS).unref();
  }

  /** @returns To be called when it has ended by itself. */
  add(connection: LiveConnection): () => void {
    this.#open.add(connection);
    return () => this.#open.delete(connection);
  }

  get size(): number {
    return this.#open.size;
  }

  tokenRevoked(tokenId: string): void {
    this.#closeWhere(({ caller }) => caller.kind === "token" && caller.id === tokenId);
  }

  sessionEnded(sessionId: string): void {
    this.#closeWhere(({ caller }) => caller.sessionId === sessionId);
  }

  /** Rights of a person have changed, or, with undefined, a role of anybody's: callers come again with what they have now. */
  rightsChanged(personId: string | undefined): void {
    this.#closeWhere(({ caller }) =>
      personId === undefined ? !mayEverything(caller) : caller.personId !== null && caller.personId === personId,
    );
  }

  /** An environment was added, or its labels may have changed, and with them who may use it. */
  environmentChanged(environment: EnvironmentRecord): void {
    this.#closeWhere(({ caller, right }) =>
      right === undefined
        ? !mayEverywhere(caller, "environment.view")
        : right.environmentId === environment.id && !may(caller, right.permission, environment),
    );
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #endExpired(): void {
    const now = Date.now();
    this.#closeWhere(({ caller }) => caller.expiresAt !== null && caller.expiresAt <= now);
  }

  #closeWhere(applies: (connection: LiveConnection) => boolean): void {
    for (const connection of [...this.#open].filter(applies)) {
      this.#open.delete(connection);
      connection.close();
    }
  }
}
