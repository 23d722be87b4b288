import type { Logger } from "pino";
import type { EngineConnection } from "../engine/engine-connection.ts";
import type { EnvironmentListener, EnvironmentRecord } from "../environments/record.ts";
import type { ConcurrencyLimit } from "../watch/concurrency-limit.ts";
import { EngineFollower } from "./engine-follower.ts";
import type { EventService } from "./service.ts";

export interface EngineFollowersOptions {
  readonly connections: { for(environmentId: number): EngineConnection };
  readonly events: EventService;
  /** An event came that changes the list of containers. */
  readonly onEvent?: (environmentId: number) => void;
  readonly limit: ConcurrencyLimit;
  readonly log: Logger;
  readonly now?: () => number;
}

/** A follower for each environment that the hub dials: edge agents send their events by themselves. */
export class EngineFollowers {
  readonly #options: EngineFollowersOptions;
  readonly #followers = new Map<number, EngineFollower>();
  #stopped = false;

  constructor(options: EngineFollowersOptions) {
    this.#options = options;
  }

  /** @param lastSeen when each was last followed in an earlier life, Unix milliseconds. */
  start(environments: readonly EnvironmentRecord[], lastSeen: ReadonlyMap<number, number>): void {
    for (const environment of environments) this.#follow(environment, lastSeen.get(environment.id));
  }

  /** To be given to the environments' `onChange`. */
  readonly onEnvironmentChange: EnvironmentListener = ({ type, environment }) => {
    if (type === "created") this.#follow(environment);
    else if (type === "updated") this.#followers.get(environment.id)?.engineUp();
    else {
      void this.#followers.get(environment.id)?.stop();
      this.#followers.delete(environment.id);
    }
  };

  /** Environments whose events come in now. */
  get following(): number {
    let following = 0;
    for (const follower of this.#followers.values()) if (follower.isFollowing) following += 1;
    return following;
  }

  engineUp(environmentId: number): void {
    this.#followers.get(environmentId)?.engineUp();
  }

  engineDown(environmentId: number): void {
    this.#followers.get(environmentId)?.engineDown();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#followers.values()].map((follower) => follower.stop()));
    this.#followers.clear();
  }

  /** @param followedUntil default: since it was added, in case an earlier life ended too soon to note anything. */
  #follow({ id, kind, createdAt }: EnvironmentRecord, followedUntil = createdAt): void {
    if (kind === "edge" || this.#stopped || this.#followers.has(id)) return;
    const { connections, ...shared } = this.#options;
    const follower = new EngineFollower({
      ...shared,
      environmentId: id,
      connection: () => connections.for(id),
      followedUntil,
    });
    this.#followers.set(id, follower);
  }
}
